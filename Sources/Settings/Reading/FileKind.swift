import Foundation

/// What stands at a path. Opening a pipe or a device would wait, or never end.
enum FileKind: Equatable {
    case directory, other
    /// With its size in bytes.
    case file(Int)

    /// Follows links. Nil if there is nothing, or no way to it.
    init?(_ path: String) {
        var information = stat()
        guard stat(path, &information) == 0 else { return nil }
        switch information.st_mode & S_IFMT {
        case S_IFREG: self = .file(Int(information.st_size))
        case S_IFDIR: self = .directory
        default: self = .other
        }
    }
}
