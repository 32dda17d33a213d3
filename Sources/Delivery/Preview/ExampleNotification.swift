import Civic
import Settings
import Store

/// A ticket that nobody opened, for looking at templates: the city's first topic with an office, a November day.
public enum ExampleNotification {
    /// 21 November 2026, 10:30 in Rome.
    private static let today = Timestamp(seconds: 1_795_253_400)

    public static func owed(_ name: String, language: String, in configuration: Configuration) -> OwedNotification {
        let category = configuration.categories.values.min { $0.code < $1.code }
        let office = configuration.directory.offices.keys.sorted().first { $0 != configuration.directory.lastResort }
        let day = Duration.seconds(86_400)
        let id = Identifier(high: 0x0193_4E5A_0000_7000, low: 0x8000_0000_0000_0001)
        let words = ExampleNotification.words[language] ?? ExampleNotification.english
        return OwedNotification(
            id: id, ticket: 1, event: id, code: "\(configuration.city.prefix)-7Q4K2MXD", medium: .email,
            recipient: "anna@example.org", fallback: nil, template: name, language: language, createdAt: today,
            nextAttemptAt: today, expiresAt: today + day, priority: .normal, category: category?.code,
            office: configuration.directory.lastResort,
            openedAt: name == "opened" ? today : today + .seconds(-2 * 86_400),
            dueAt: today + day * 20, eventAt: today, note: name == "opened" ? nil : words.note,
            forwardedTo: name == "forwarded" ? office ?? configuration.directory.lastResort : nil)
    }

    /// What callers fill besides.
    public static func more(_ name: String, language: String) -> [String: String] {
        let words = ExampleNotification.words[language] ?? ExampleNotification.english
        var more = ["status": words.status]
        switch name {
        case "payment":
            more["amount"] = "123,45 €"
            more["notice_number"] = "301000000123456789"
            more["payment_due"] = "31/12/2026"
        case "corrected": more["corrects"] = words.subject
        case _ where TemplateNames.isToOffice(name): more["text_excerpt"] = words.text
        default: break
        }
        return more
    }

    private struct Words {
        let note: String
        let text: String
        let subject: String
        let status: String
    }

    private static let english = Words(
        note: "The crew will come on Thursday morning.\nPlease leave the pavement free.",
        text: "The street lamp in front of number 12 has been out for a week.", subject: "Roadworks on Monday",
        status: "in progress")
    private static let words = [
        "it": Words(
            note: "La squadra arriva giovedì mattina.\nLasci libero il marciapiede, per favore.",
            text: "Il lampione davanti al civico 12 è spento da una settimana.", subject: "Lavori in strada lunedì",
            status: "in lavorazione"),
        "es": Words(
            note: "El equipo llegará el jueves por la mañana.\nLe rogamos que deje libre la acera.",
            text: "La farola delante del número 12 lleva una semana apagada.", subject: "Obras en la calle el lunes",
            status: "en curso"),
        "ro": Words(
            note: "Echipa va veni joi dimineață.\nVă rugăm să lăsați trotuarul liber.",
            text: "Felinarul din fața numărului 12 este stins de o săptămână.", subject: "Lucrări pe stradă luni",
            status: "în lucru"),
        "uk": Words(
            note: "Бригада прибуде у четвер уранці.\nБудь ласка, залиште тротуар вільним.",
            text: "Ліхтар перед будинком 12 не світить уже тиждень.", subject: "Дорожні роботи в понеділок",
            status: "у роботі"),
    ]
}
