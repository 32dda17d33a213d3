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
    var documents: String { say("Documenti", "Documents", "Documentos", "Documente", "Документи") }
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

    var choiceTitle: String {
        say(
            "Come vuoi ricevere le notizie?", "How shall we write to you?", "¿Cómo prefiere recibir las noticias?",
            "Cum doriți să primiți veștile?", "Як Вам повідомляти новини?")
    }
    var choiceUsual: String {
        say(
            "Come fa di solito il Comune", "As the city usually does", "Como suele hacerlo el Ayuntamiento",
            "Cum procedează de obicei primăria", "Як зазвичай робить муніципалітет")
    }
    var choiceSilence: String {
        say("Nessuna notizia", "No more news", "Ninguna noticia", "Nicio veste", "Жодних новин")
    }
    var choiceDuty: String {
        say(
            "Rispondiamo comunque a quello che ci scrivi, e ti scriviamo se serve qualcosa da te o per un pagamento.",
            "We still answer what you write, and write to you if we need something of you or for a payment.",
            "De todos modos respondemos a lo que nos escriba, y le escribimos si necesitamos algo de usted o por un pago.",
            "Răspundem oricum la ce ne scrieți și vă scriem dacă avem nevoie de ceva sau pentru o plată.",
            "Ми все одно відповідаємо на Ваші листи й пишемо, якщо нам щось потрібно від Вас або щодо оплати.")
    }
    var choiceAll: String {
        say(
            "Per tutte le mie segnalazioni", "For all my reports", "Para todas mis comunicaciones",
            "Pentru toate sesizările mele", "Для всіх моїх звернень")
    }
    var choiceSave: String { say("Salva", "Save", "Guardar", "Salvați", "Зберегти") }
    var choiceSaved: String {
        say(
            "La tua scelta è salvata.", "Your choice is saved.", "Su elección se ha guardado.",
            "Alegerea dumneavoastră a fost salvată.", "Ваш вибір збережено.")
    }
    func choice(_ medium: Medium) -> String {
        medium == .appIO
            ? say(
                "Con un messaggio su App IO", "By a message in the app IO", "Con un mensaje en la aplicación IO",
                "Printr-un mesaj în aplicația IO", "Повідомленням у застосунку IO")
            : say(
                "Per e-mail, all'indirizzo che abbiamo", "By e-mail, to the address that we have",
                "Por correo electrónico, a la dirección que tenemos", "Prin e-mail, la adresa pe care o avem",
                "Електронною поштою, на адресу, яку ми маємо")
    }
    var silenceQuestion: String {
        say(
            "Vuoi non ricevere più notizie di questa segnalazione?", "Do you want no more news of this report?",
            "¿Quiere dejar de recibir noticias de esta comunicación?",
            "Doriți să nu mai primiți vești despre această sesizare?",
            "Бажаєте більше не отримувати новин про це звернення?")
    }
    var silenceButton: String {
        say(
            "Non inviatemi più notizie", "Send me no more news", "No me envíen más noticias",
            "Nu-mi mai trimiteți vești", "Не надсилайте мені більше новин")
    }
    var silenceDone: String {
        say(
            "Non riceverai più notizie di questa segnalazione.", "You will get no more news of this report.",
            "No recibirá más noticias de esta comunicación.", "Nu veți mai primi vești despre această sesizare.",
            "Ви більше не отримуватимете новин про це звернення.")
    }
    var silenceChange: String {
        say(
            "La segnalazione, e come cambiare idea", "The report, and how to change your mind",
            "La comunicación, y cómo cambiar de opinión", "Sesizarea, și cum vă puteți răzgândi",
            "Звернення, і як передумати")
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

    /// What is to be paid, with which number, until when.
    func payment(_ notice: PaymentNotice) -> String {
        let amount = notice.amountText(decimalPoint: language == "en" ? "." : ",")
        let due = notice.due.map {
            say(", entro il ", ", by ", ", antes del ", ", până la ", ", до ")
                + "\(twoDigits($0.day))/\(twoDigits($0.month))/\($0.year)"
        }
        return say(
            "Avviso di pagamento pagoPA \(notice.noticeNumber): \(amount) €",
            "pagoPA payment notice \(notice.noticeNumber): €\(amount)",
            "Aviso de pago pagoPA \(notice.noticeNumber): \(amount) €",
            "Aviz de plată pagoPA \(notice.noticeNumber): \(amount) €",
            "Платіжне повідомлення pagoPA \(notice.noticeNumber): \(amount) €") + (due ?? "")
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
