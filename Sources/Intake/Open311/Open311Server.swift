import Civic
import Settings

/// One channel of type open311, ready to answer.
struct Open311Server: Sendable {
    let channel: Channel
    let intake: Open311Intake
    /// By code.
    let categories: [String: Category]
    /// The codes of those that are offered, in order.
    let services: [String]
    let language: String
    let fallback: String
    /// Where the server is, without a slash at its end.
    let url: String
    /// Of reports, and of reading.
    let rate: RateLimit
    let reading: RateLimit
    private let keys: [(digest: [UInt8], key: Open311Intake.Key)]

    /// Readings a minute: nobody needs a key for them.
    static let readings = 6000

    init?(_ channel: Channel, in configuration: Configuration) {
        guard let intake = channel.open311 else { return nil }
        self.channel = channel
        self.intake = intake
        categories = configuration.categories
        services = configuration.categories.keys.filter(intake.offers).sorted()
        language = channel.language ?? configuration.city.language
        fallback = configuration.city.language
        url = configuration.city.baseURL + Open311Server.path
        rate = RateLimit(perMinute: channel.messagesPerMinute ?? configuration.limits.messagesPerMinute)
        reading = RateLimit(perMinute: Open311Server.readings)
        keys = intake.keys.filter { !$0.key.value.isEmpty }.map { (Authentication.digest($0.key.value), $0) }
    }

    static let path = "/open311/v2"

    /// The system that holds the key. All are compared, so that the time does not tell which one was near.
    func sender(_ key: String?) -> Open311Intake.Key? {
        guard let key, !key.isEmpty, key.utf8.count <= 4096 else { return nil }
        let digest = Authentication.digest(key)
        return keys.reduce(nil) { found, known in Authentication.equal(known.digest, digest) ? known.key : found }
    }

    func offers(_ category: String) -> Bool { categories[category] != nil && intake.offers(category) }

    func name(_ names: [String: String], or code: String = "") -> String {
        names[language] ?? names[fallback] ?? names.sorted { $0.key < $1.key }.first?.value ?? code
    }

    /// Those of a configuration, by name.
    static func all(in configuration: Configuration) -> [Open311Server] {
        configuration.channels.values.filter(\.isOpen).sorted { $0.name < $1.name }.compactMap {
            Open311Server($0, in: configuration)
        }
    }

    /// The one that a request means.
    /// - Throws: 404 if no server has the jurisdiction; 400 if there are several and none is named.
    static func meant(by jurisdiction: String?, among servers: [Open311Server]) throws(Open311Failure) -> Open311Server
    {
        guard let first = servers.first else { throw .unknown("there is nothing at this address") }
        guard let jurisdiction, !jurisdiction.isEmpty else {
            guard servers.count == 1 else {
                throw .wrong("jurisdiction_id: it is missing, and several are served here")
            }
            return first
        }
        // Who serves one need not name it: then any name is as good.
        if servers.count == 1, first.intake.jurisdiction == nil { return first }
        let wanted = jurisdiction.lowercased()
        guard let server = servers.first(where: { $0.intake.jurisdiction?.lowercased() == wanted }) else {
            throw .unknown("jurisdiction_id: it is not served here")
        }
        return server
    }
}
