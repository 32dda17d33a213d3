import Foundation

/// Words with which citizens govern what is sent to them, where there are no buttons. They count only as the whole
/// message: "stop" within a sentence is part of what a citizen tells.
///
/// Of Twilio's standard words those that nobody uses to answer a question, for Twilio itself stops sending to a number
/// that says one (twilio.com, "Twilio support for opt-out keywords"); and those of the other languages in which cities write. `ANNULLA` and `SÌ` are not
/// among them: they may mean anything. Neither is `AIUTO`: who writes only that is to reach a person.
enum ConsentWords {
    private static let commands: [String: ChatCommand] = [
        "stop": .stop, "stopall": .stop, "unsubscribe": .stop, "cancel": .stop, "end": .stop, "quit": .stop,
        "optout": .stop, "revoke": .stop, "basta": .stop, "ferma": .stop, "disiscrivi": .stop, "disiscrivimi": .stop,
        "cancellami": .stop,
        "start": .start, "unstop": .start, "riprendi": .start, "riattiva": .start, "iscrivimi": .start,
        "help": .help, "info": .help,
        "new": .new, "nuovo": .new, "nuova": .new, "status": .status, "stato": .status,
        "baja": .stop, "nueva": .new, "estado": .status, "noua": .new, "stare": .status, "стоп": .stop,
    ]

    static func command(in text: String) -> ChatCommand? {
        guard text.utf8.count <= 100 else { return nil }
        let words = text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "-" }.map(String.init)
        if words.count >= 2, ["reopen", "riapri"].contains(words[0]) {
            return .reopen(words.dropFirst().joined().uppercased())
        }
        return words.count == 1 ? commands[words[0]] : nil
    }
}
