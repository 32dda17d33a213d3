import Civic
import Settings
import Store

/// What a citizen may choose on their page: how they are told, or that they want no news.
struct ContactForm {
    let options: [ContactWish]
    let chosen: ContactWish
    /// The choice may hold for all that concerns the citizen.
    let isForAll: Bool

    /// - Returns: nil if nobody is told of the ticket, or nothing may be chosen: certified mail is answered by it.
    init?(_ ticket: TicketRecord, in configuration: Configuration) {
        guard let ways = ticket.contact?.ways, !ways.contains(where: { $0.medium == .pec }) else { return nil }
        let media = MediumChoice(configuration).offered(among: ways, office: ticket.office)
        // One medium alone is no choice, but for a chat that it may replace.
        let isChoice = media.count > 1 || (media.count == 1 && ways.contains { $0.medium.isChat })
        options = [.any] + (isChoice ? media.map(ContactWish.by) : []) + [.silence]
        let wish = ticket.standing.effective
        chosen = options.contains(wish) ? wish : .any
        isForAll = ticket.isCitizenVouchedFor
    }

    func members(_ words: StatusWords, key: String) -> [String: Any] {
        let rows: [[String: Any]] = options.map { wish in
            ["value": wish.text, "isChosen": wish == chosen, "label": words.label(wish)]
        }
        return [
            "key": key, "title": words.choiceTitle, "options": rows, "duty": words.choiceDuty, "isForAll": isForAll,
            "all": words.choiceAll, "save": words.choiceSave,
        ]
    }

    /// What a form that was sent says.
    /// - Throws: `Problem` 422 if it is none of the options.
    func said(_ form: FormBody) throws(Problem) -> PreferenceTable.Said {
        guard let wish = form["contact"].flatMap(ContactWish.init), options.contains(wish) else {
            throw .invalid("/contact", "expected one of \(options.map(\.text).joined(separator: ", "))")
        }
        return PreferenceTable.Said(wish: wish, isForAll: isForAll && form["all"] == "1")
    }
}

extension StatusWords {
    fileprivate func label(_ wish: ContactWish) -> String {
        switch wish {
        case .by(let medium): choice(medium)
        case .silence: choiceSilence
        case .any: choiceUsual
        }
    }
}
