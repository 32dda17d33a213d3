import Postgres
import Transfer

/// The libraries that this program runs with.
public struct LibraryVersions: Sendable {
    public let libpq: String
    public let libcurl: String

    public static var current: LibraryVersions {
        LibraryVersions(libpq: PostgresConnection.libraryVersion, libcurl: TransferClient.libraryVersion)
    }
}
