import Civic
import Store

/// What is told together with a later step, as lines: `21/11/2026: taken in charge – the note`.
struct EarlierWords {
    let language: String

    /// Nil if there are none. A note's own lines are joined, so that each step stays one line.
    func lines(_ earlier: [OwedNotification.Earlier], day: (Timestamp) -> String) -> String? {
        guard !earlier.isEmpty else { return nil }
        return earlier.map { step in
            let note = step.note.map { PlainText.singleLine($0) } ?? ""
            return "\(day(step.at)): \(words(step.kind))" + (note.isEmpty ? "" : " – \(note)")
        }.joined(separator: "\n")
    }

    /// In the city's languages that ship; any other reads English, as on the status page.
    private func say(_ it: String, _ en: String, _ es: String, _ ro: String, _ uk: String) -> String {
        switch language {
        case "it": it
        case "es": es
        case "ro": ro
        case "uk": uk
        default: en
        }
    }

    private func words(_ kind: TicketEvent.Kind) -> String {
        switch kind {
        case .opened:
            say("ricevuta", "received", "recibida", "primită", "отримано")
        case .acknowledged:
            say("presa in carico", "taken in charge", "en manos de la oficina", "preluată", "взято до роботи")
        case .inProgress:
            say("in lavorazione", "in progress", "en curso", "în lucru", "у роботі")
        case .waiting:
            say(
                "in attesa di una tua risposta", "waiting for your answer", "a la espera de su respuesta",
                "se așteaptă răspunsul dumneavoastră", "очікує на вашу відповідь")
        case .forwarded:
            say(
                "inoltrata all’ufficio competente", "forwarded to the office in charge",
                "enviada a la oficina competente", "trimisă biroului competent", "передано до компетентного підрозділу")
        case .resolved:
            say("risolta", "resolved", "resuelta", "rezolvată", "вирішено")
        case .rejected:
            say("non accolta", "not accepted", "no aceptada", "neacceptată", "не прийнято")
        case .reopened:
            say("riaperta", "reopened", "reabierta", "redeschisă", "відкрито знову")
        case .moved:
            say(
                "assegnata a un altro ufficio", "given to another office", "asignada a otra oficina",
                "repartizată altui birou", "передано іншому підрозділу")
        case .message:
            say(
                "un tuo messaggio", "a message of yours", "un mensaje suyo", "un mesaj de la dumneavoastră",
                "ваше повідомлення")
        case .answered, .note, .reminded, .escalated:
            say(
                "il Comune ti ha scritto", "the city wrote to you", "el Ayuntamiento le ha escrito",
                "Primăria v-a scris", "місто написало вам")
        case .corrected:
            say("correzione", "correction", "corrección", "corectare", "виправлення")
        }
    }
}
