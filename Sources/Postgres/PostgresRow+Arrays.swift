extension PostgresRow {
    /// text[], varchar[], name[]; nil also for an array of several dimensions.
    public func strings(_ column: Int) -> [String?]? {
        array(column, of: [TypeID.text, TypeID.varchar, TypeID.bpchar, TypeID.name]) {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// smallint[], integer[], bigint[]; nil also for an array of several dimensions.
    public func ints(_ column: Int) -> [Int64?]? {
        array(column, of: [TypeID.int2, TypeID.int4, TypeID.int8]) { bytes in
            switch bytes.count {
            case 2: Int64(bytes.bigEndian(at: 0) as Int16)
            case 4: Int64(bytes.bigEndian(at: 0) as Int32)
            case 8: bytes.bigEndian(at: 0)
            default: nil
            }
        }
    }

    /// Reads the server's binary array: dimensions, a flag, the element type, (size, lower bound), then the elements.
    /// Every length is checked against what is there.
    private func array<Element>(
        _ column: Int, of types: [UInt32], _ decode: (UnsafeRawBufferPointer) -> Element?
    ) -> [Element?]? {
        result.withBytes(index, column) { bytes in
            guard Self.arrayTypes.contains(result.type(column) ?? 0), bytes.count >= 12 else { return nil }
            let dimensions: Int32 = bytes.bigEndian(at: 0)
            guard types.contains(bytes.bigEndian(at: 8)) else { return nil }
            if dimensions == 0 { return [] }
            guard dimensions == 1, bytes.count >= 20 else { return nil }
            let size: Int32 = bytes.bigEndian(at: 12)
            guard size >= 0, Int(size) <= (bytes.count - 20) / 4 else { return nil }
            var elements: [Element?] = []
            elements.reserveCapacity(Int(size))
            var position = 20
            for _ in 0..<size {
                guard bytes.count - position >= 4 else { return nil }
                let length: Int32 = bytes.bigEndian(at: position)
                position += 4
                guard length >= 0 else {
                    elements.append(nil)
                    continue
                }
                guard bytes.count - position >= Int(length),
                    let element = decode(UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(length)]))
                else { return nil }
                elements.append(element)
                position += Int(length)
            }
            return elements
        }
    }

    /// char[], name[], smallint[], integer[], text[], char(n)[], varchar[], bigint[].
    private static let arrayTypes: Set<UInt32> = [1002, 1003, 1005, 1007, 1009, 1014, 1015, 1016]
}
