import Civic
import Settings
import Store

extension MediumChoice {
    /// The city's part of the decision, as its configuration has it.
    public init(_ configuration: Configuration) {
        var configured: Set<Medium> = []
        if configuration.appIO != nil { configured.insert(.appIO) }
        if configuration.mail != nil { configured.insert(.email) }
        if configuration.certifiedMail != nil { configured.insert(.pec) }
        self.init(
            order: configuration.notifications.media, configured: configured,
            demands: configuration.directory.offices.mapValues(\.media).filter { !$0.value.isEmpty })
    }
}
