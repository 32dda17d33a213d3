import Civic
import Settings
import Store

extension Configuration {
    /// Where an office gets its work, as `offices.yaml` says: by each of its media. What cannot be brought to its system
    /// goes to its address in the end, if it has one and does not get everything there anyway.
    func work(of office: String) -> [OfficeNotices.Address] {
        guard let work = work[office] else { return [] }
        let email = directory.offices[office]?.email
        let letter = work.email ? nil : email
        return work.media.compactMap { medium in
            switch medium {
            case .email:
                email.map { .init(contact: Contact(medium: .email, address: $0), lifetime: notifications.expire) }
            case .webhook:
                .init(
                    contact: Contact(medium: .webhook, address: office, fallback: letter),
                    lifetime: work.webhook?.expire ?? notifications.expire)
            default:
                .init(
                    contact: Contact(medium: medium, address: office, fallback: letter),
                    lifetime: notifications.expire)
            }
        }
    }

    /// Where an office hears what citizens say on its tickets: Open311 has no word for that, so who is not told otherwise
    /// gets a letter.
    func news(of office: String) -> [OfficeNotices.Address] {
        let able = work(of: office).filter { $0.contact.medium != .open311 }
        guard able.isEmpty, let email = directory.offices[office]?.email else { return able }
        return [.init(contact: Contact(medium: .email, address: email), lifetime: notifications.expire)]
    }

    public var officeNotices: OfficeNotices {
        OfficeNotices(language: city.language, work: { self.work(of: $0) }, news: { self.news(of: $0) })
    }
}
