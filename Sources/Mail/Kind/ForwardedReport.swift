/// A mail system's report that somebody, or a rule of his mail program, passed on without a word of his own.
///
/// What he added counts: with more than a few words, or with a question or a call, he speaks, and is heard.
enum ForwardedReport {
    /// Of what stands above the report.
    private static let mostWords = 4
    private static let mostLines = 40
    private static let senders = ["mailer-daemon", "mail delivery s", "mail delivery subsystem", "postmaster@"]
    /// In the lines that mail programs put above what they pass on.
    private static let byPrograms = [
        "forwarded", "inoltrat", "original", "wrote", "scritto", "weitergeleitet", "schrieb", "transféré", "a écrit",
        "reenviado", "escribió",
    ]
    private static let calls = ["aiuto", "help", "perché", "perchè", "come mai", "cosa", "che cosa", "why", "what"]
    private static let from = ["from:", "da:", "von:", "de:"]

    static func recognises(_ signs: Signs, text: String) -> Bool {
        guard signs.isAnswerOrForward else { return false }
        var words = 0
        for line in text.split(separator: "\n").prefix(mostLines) {
            let bare = line.drop { $0 == ">" || $0 == "*" || $0.isWhitespace }.lowercased()
            if from.contains(where: bare.hasPrefix) { return senders.contains { bare.contains($0) } }
            // `Begin forwarded message:`, and rules.
            let isRule = bare.hasSuffix(":") || bare.hasPrefix("-")
            if line.first == ">" || isRule && byPrograms.contains(where: bare.contains) { continue }
            if bare.contains("?") || bare.contains("!") || calls.contains(where: bare.hasPrefix) { return false }
            words += bare.split { !$0.isLetter }.count
            if words > mostWords { return false }
        }
        return false
    }
}
