import Civic

extension MainFile {
    /// `retention`, read.
    static func retention(_ fields: Fields) -> Retention {
        var retention = Retention()
        // A closed ticket may be reopened for a while, and what is owed may wait; the audit trail's rows resist for so long.
        retention.tickets = age(fields, "tickets", atLeast: 30)
        retention.raw = age(fields, "raw")
        retention.discarded = age(fields, "discarded")
        retention.unreadMail = age(fields, "unread_mail")
        retention.correspondents = age(fields, "correspondents")
        retention.shadowDifferences = age(fields, "shadow_differences")
        retention.attempts = age(fields, "attempts")
        retention.audit = age(fields, "audit", atLeast: 30)
        return retention
    }

    /// Whole days or years of 365 days; nil for `never`.
    private static func age(_ fields: Fields, _ key: String, atLeast least: Int64 = 1) -> Duration? {
        guard let text = fields.placed(key), text.value != "never" else { return nil }
        let units: [Character: Int64] = ["d": 1, "y": 365]
        guard let unit = text.value.last.flatMap({ units[$0] }), let number = Int64(text.value.dropLast()),
            (1...36_500).contains(number), number * unit >= least, number * unit <= 36_500
        else {
            fields.reader.error(
                "\(key): expected days or years, \(least)d at least, such as 90d or 5y, or never", at: text.place)
            return nil
        }
        return .seconds(number * unit * 86_400)
    }
}
