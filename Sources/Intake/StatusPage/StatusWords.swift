import Civic

/// The status page's words in the languages of `languages`; any other language reads English.
public struct StatusWords {
    static let languages = ["it", "en", "es", "ro", "uk"]

    let language: String

    public init(language: String) { self.language = StatusWords.languages.contains(language) ? language : "en" }

    /// The first language with words here that a reader asks for (RFC 9110, 12.5.4; the weights are not looked at:
    /// browsers name the dearest first).
    static func language(accepted header: String) -> String? {
        header.lowercased().split(separator: ",").prefix(20).lazy
            .map { String($0.drop(while: \.isWhitespace).prefix { $0.isLetter }) }
            .first(where: languages.contains)
    }

    private func say(_ it: String, _ en: String, _ es: String, _ ro: String, _ uk: String) -> String {
        switch language {
        case "it": it
        case "es": es
        case "ro": ro
        case "uk": uk
        default: en
        }
    }

    var title: String {
        say("La tua segnalazione", "Your report", "Su comunicación", "Sesizarea dumneavoastră", "Ваше звернення")
    }
    var code: String { say("Codice", "Code", "Código", "Cod", "Код") }
    var statusLabel: String { say("Stato", "Status", "Estado", "Stadiu", "Стан") }
    var category: String { say("Argomento", "Topic", "Asunto", "Subiect", "Тема") }
    var office: String {
        say(
            "Ufficio competente", "Office in charge", "Oficina competente", "Biroul competent", "Компетентний підрозділ"
        )
    }
    var due: String {
        say(
            "Risposta prevista entro", "Answer expected by", "Respuesta prevista a más tardar",
            "Răspuns prevăzut până la", "Відповідь очікується до")
    }
    var history: String {
        say("Che cosa è successo", "What has happened", "Qué ha ocurrido", "Ce s-a întâmplat", "Що відбулося")
    }
    var help: String {
        say(
            "Per informazioni chiama", "For information call", "Para más información, llame al",
            "Pentru informații sunați la", "Довідки за телефоном")
    }
    var missing: String {
        say(
            "Questo indirizzo non è valido. Usa il link che hai ricevuto.",
            "This address is not valid. Use the link that you received.",
            "Esta dirección no es válida. Utilice el enlace que ha recibido.",
            "Această adresă nu este valabilă. Folosiți linkul pe care l-ați primit.",
            "Ця адреса недійсна. Скористайтеся посиланням, яке Ви отримали.")
    }

    public func status(_ status: TicketStatus) -> String {
        switch status {
        case .open: say("ricevuta", "received", "recibida", "primită", "отримано")
        case .acknowledged:
            say("presa in carico", "taken in charge", "admitida a trámite", "preluată", "взято до розгляду")
        case .inProgress: say("in lavorazione", "in progress", "en curso", "în lucru", "у роботі")
        case .waiting:
            say(
                "in attesa di una tua risposta", "waiting for your answer", "a la espera de su respuesta",
                "în așteptarea răspunsului dumneavoastră", "очікуємо на Вашу відповідь")
        case .forwarded:
            say(
                "inoltrata all'ufficio competente", "forwarded to the office in charge",
                "enviada a la oficina competente", "transmisă biroului competent",
                "передано до компетентного підрозділу")
        case .resolved: say("risolta", "resolved", "resuelta", "soluționată", "вирішено")
        case .rejected: say("non accolta", "not accepted", "no aceptada", "neacceptată", "не задоволено")
        case .reopened: say("riaperta", "reopened", "reabierta", "redeschisă", "відкрито знову")
        }
    }

    func step(_ kind: TicketEvent.Kind, office: String?) -> String {
        let to = office.map { ": " + $0 } ?? ""
        return switch kind {
        case .opened:
            say(
                "Segnalazione ricevuta e assegnata", "Report received and assigned", "Comunicación recibida y asignada",
                "Sesizare primită și repartizată", "Звернення отримано й розподілено") + to
        case .acknowledged:
            say("Presa in carico", "Taken in charge", "Admitida a trámite", "Preluată", "Взято до розгляду")
        case .inProgress:
            say("In lavorazione", "Work is in progress", "Trabajo en curso", "În lucru", "Робота триває")
        case .waiting:
            say(
                "In attesa di una tua risposta", "Waiting for your answer", "A la espera de su respuesta",
                "În așteptarea răspunsului dumneavoastră", "Очікуємо на Вашу відповідь")
        case .forwarded: say("Inoltrata", "Forwarded", "Enviada", "Transmisă", "Передано") + to
        case .resolved: say("Risolta", "Resolved", "Resuelta", "Soluționată", "Вирішено")
        case .rejected: say("Non accolta", "Not accepted", "No aceptada", "Neacceptată", "Не задоволено")
        case .reopened: say("Riaperta", "Reopened", "Reabierta", "Redeschisă", "Відкрито знову")
        case .moved: say("Assegnata", "Assigned", "Asignada", "Repartizată", "Розподілено") + to
        case .message:
            say(
                "Hai aggiunto un messaggio", "You added a message", "Usted añadió un mensaje", "Ați adăugat un mesaj",
                "Ви додали повідомлення")
        case .note, .reminded, .escalated: ""
        case .answered:
            say(
                "Il Comune ti ha scritto", "The city wrote to you", "El Ayuntamiento le ha escrito",
                "Primăria v-a scris", "Муніципалітет написав Вам")
        case .corrected:
            say(
                "Il Comune ha corretto un suo messaggio", "The city corrected a message",
                "El Ayuntamiento ha corregido un mensaje", "Primăria a corectat un mesaj",
                "Муніципалітет виправив своє повідомлення")
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
