import Glibc

/// What processes have used so far, from /proc.
public struct ProcessUsage: Sendable {
    /// User and system time, microseconds.
    public var cpu: Double
    public var residentBytes: Int

    /// One process and, with `children`, those that it started, also those that have ended.
    public init(pid: Int32, children: Bool) {
        let tick = 1e6 / Double(sysconf(Int32(_SC_CLK_TCK)))
        var ticks = 0
        for candidate in children ? [pid] + ProcessUsage.children(of: pid) : [pid] {
            let fields = ProcessUsage.stat(candidate)
            // After the name: state is field 3; utime and stime are 14 and 15 (proc(5)).
            if fields.count > 12 { ticks += (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) }
            // cutime and cstime: of children that it waited for.
            if children, candidate == pid, fields.count > 14 {
                ticks += (Int(fields[13]) ?? 0) + (Int(fields[14]) ?? 0)
            }
        }
        cpu = Double(ticks) * tick
        let pages = ProcessUsage.read("/proc/\(pid)/statm").split(separator: " ").dropFirst().first.flatMap { Int($0) }
        residentBytes = (pages ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func stat(_ pid: Int32) -> [Substring] {
        let text = read("/proc/\(pid)/stat")
        guard let close = text.lastIndex(of: ")") else { return [] }
        return text[text.index(after: close)...].split(separator: " ")
    }

    private static func children(of parent: Int32) -> [Int32] {
        read("/proc/\(parent)/task/\(parent)/children").split(separator: " ").compactMap { Int32($0) }
    }

    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[0..<count], as: UTF8.self)
    }
}
