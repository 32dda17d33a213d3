internal import CLibPQ

extension PostgresConnection {
    /// libpq's version, `15.18`.
    public static var libraryVersion: String {
        let number = PQlibVersion()
        return "\(number / 10_000).\(number % 10_000)"
    }
}
