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

    var choiceTitle: String { say("Come vuoi ricevere le notizie?", "How shall we write to you?") }
    var choiceUsual: String { say("Come fa di solito il Comune", "As the city usually does") }
    var choiceSilence: String { say("Nessuna notizia", "No more news") }
    var choiceDuty: String {
        say(
            "Rispondiamo comunque a quello che ci scrivi, e ti scriviamo se serve qualcosa da te o per un pagamento.",
            "We still answer what you write, and write to you if we need something of you or for a payment.")
    }
    var choiceAll: String { say("Per tutte le mie segnalazioni", "For all my reports") }
    var choiceSave: String { say("Salva", "Save") }
    var choiceSaved: String { say("La tua scelta è salvata.", "Your choice is saved.") }
    func choice(_ medium: Medium) -> String {
        medium == .appIO
            ? say("Con un messaggio su App IO", "By a message in the app IO")
            : say("Per e-mail, all'indirizzo che abbiamo", "By e-mail, to the address that we have")
    }
    var silenceQuestion: String {
        say(
            "Vuoi non ricevere più notizie di questa segnalazione?",
            "Do you want no more news of this report?")
    }
    var silenceButton: String { say("Non inviatemi più notizie", "Send me no more news") }
    var silenceDone: String {
        say("Non riceverai più notizie di questa segnalazione.", "You will get no more news of this report.")
    }
    var silenceChange: String {
        say("La segnalazione, e come cambiare idea", "The report, and how to change your mind")
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

    /// `21/11/2026, 10:30` on the city's clocks.
    func date(_ moment: Timestamp, in zone: Zone) -> String {
        let local = zone.local(moment)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return
            "\(two(local.date.day))/\(two(local.date.month))/\(local.date.year), \(two(local.hour)):\(two(local.minute))"
    }
}
