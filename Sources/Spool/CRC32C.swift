/// CRC-32C (Castagnoli), the checksum of iSCSI (RFC 3720, 12.1; test vectors in B.4).
struct CRC32C {
    private var remainder: UInt32 = .max

    var value: UInt32 { ~remainder }

    mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            remainder = remainder >> 8 ^ CRC32C.table[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)]
        }
    }

    static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var checksum = CRC32C()
        checksum.update(bytes)
        return checksum.value
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
    }
}
