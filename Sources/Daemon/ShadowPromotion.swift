import CLinux
import Glibc
import Settings

/// Makes the shadow's rules the live ones: the two directories change places at one stroke. The earlier live rules are
/// the shadow then, so that the same step leads back.
public struct ShadowPromotion: Sendable {
    /// The live rules' directory, and the shadow's.
    public let live: String
    public let shadow: String

    /// Nil without a shadow.
    public init?(_ configuration: Configuration, directory: String) {
        guard let shadow = configuration.shadowRules else { return nil }
        live = "\(directory)/rules"
        self.shadow = "\(directory)/\(shadow.directory)"
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public func exchange() throws(Failure) {
        let status = clinux_exchange(live, shadow)
        guard status != 0 else { return }
        let reason = String(cString: strerror(status))
        let hint =
            switch status {
            case EACCES, EPERM, EROFS: "run it as whoever may write there"
            case EXDEV, EINVAL, ENOSYS, ENOTSUP:
                "they must be on one file system that can exchange directories; else stop the daemon and rename them"
            default: "nothing was changed"
            }
        throw Failure(description: "cannot exchange \(live) and \(shadow): \(reason); \(hint)")
    }
}
