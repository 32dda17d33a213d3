import Civic

/// The status page's words in Italian and English; any other language reads English.
struct StatusWords {
    let language: String
    private var italian: Bool { language == "it" }

    init(language: String) { self.language = language == "it" ? "it" : "en" }

    private func say(_ it: String, _ en: String) -> String { italian ? it : en }

    var title: String { say("La tua segnalazione", "Your report") }
    var code: String { say("Codice", "Code") }
    var statusLabel: String { say("Stato", "Status") }
    var category: String { say("Argomento", "Topic") }
    var office: String { say("Ufficio competente", "Office in charge") }
    var due: String { say("Risposta prevista entro", "Answer expected by") }
    var history: String { say("Che cosa è successo", "What has happened") }
    var help: String { say("Per informazioni chiama", "For information call") }
    var missing: String {
        say(
            "Questo indirizzo non è valido. Usa il link che hai ricevuto.",
            "This address is not valid. Use the link that you received.")
    }

    func status(_ status: TicketStatus) -> String {
        switch status {
        case .open: say("ricevuta", "received")
        case .acknowledged: say("presa in carico", "taken in charge")
        case .inProgress: say("in lavorazione", "in progress")
        case .waiting: say("in attesa di una tua risposta", "waiting for your answer")
        case .forwarded: say("inoltrata all'ufficio competente", "forwarded to the office in charge")
        case .resolved: say("risolta", "resolved")
        case .rejected: say("non accolta", "not accepted")
        case .reopened: say("riaperta", "reopened")
        }
    }

    func step(_ kind: TicketEvent.Kind, office: String?) -> String {
        let to = office.map { ": " + $0 } ?? ""
        return switch kind {
        case .opened: say("Segnalazione ricevuta e assegnata", "Report received and assigned") + to
        case .acknowledged: say("Presa in carico", "Taken in charge")
        case .inProgress: say("In lavorazione", "Work is in progress")
        case .waiting: say("In attesa di una tua risposta", "Waiting for your answer")
        case .forwarded: say("Inoltrata", "Forwarded") + to
        case .resolved: say("Risolta", "Resolved")
        case .rejected: say("Non accolta", "Not accepted")
        case .reopened: say("Riaperta", "Reopened")
        case .moved: say("Assegnata", "Assigned") + to
        case .message: say("Hai aggiunto un messaggio", "You added a message")
        case .note, .reminded, .escalated: ""
        case .answered: say("Il Comune ti ha scritto", "The city wrote to you")
        case .corrected: say("Il Comune ha corretto un suo messaggio", "The city corrected a message")
        }
    }

    /// What is to be paid, with which number, until when.
    func payment(_ notice: PaymentNotice) -> String {
        let amount = notice.amountText(decimalPoint: italian ? "," : ".")
        let due = notice.due.map {
            say(", entro il ", ", by ") + "\(twoDigits($0.day))/\(twoDigits($0.month))/\($0.year)"
        }
        return say(
            "Avviso di pagamento pagoPA \(notice.noticeNumber): \(amount) €",
            "pagoPA payment notice \(notice.noticeNumber): €\(amount)") + (due ?? "")
    }

    /// `21/11/2026, 10:30` on the city's clocks.
    func date(_ moment: Timestamp, in zone: Zone) -> String {
        let local = zone.local(moment)
        return
            "\(twoDigits(local.date.day))/\(twoDigits(local.date.month))/\(local.date.year), "
            + "\(twoDigits(local.hour)):\(twoDigits(local.minute))"
    }

    private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
