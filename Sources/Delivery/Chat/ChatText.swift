import Civic

extension Medium {
    /// UTF-16 units that one message of a messenger holds; nil for what is no messenger.
    var chatLength: Int? {
        switch self {
        case .telegram: TelegramPayload.longest
        case .whatsapp: 4096
        case .messenger: 2000
        // Its limit is in bytes; what is longer in them is shortened once more.
        case .instagram: 1000
        case .sms: 1600
        // Leaves room in a post's 500 for names and addresses.
        case .mastodon: 420
        case .email, .pec, .appIO, .webhook, .open311: nil
        }
    }
}

/// Texts brought within what a messenger takes.
enum ChatText {
    /// Shortened before its last line, which has the link, until `fits`.
    static func shortened(_ text: String, until fits: (String) -> Bool) -> String {
        guard !fits(text) else { return text }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let last = lines.count > 1 ? "\n" + lines[lines.count - 1] : ""
        // A last line that is too long by itself has no right to stay.
        let end = fits("…" + last) ? "…" + last : "…"
        let head = Array(lines.count > 1 && end.count > 1 ? text.dropLast(last.count) : text[...])
        var (low, high) = (0, head.count)
        while low < high {
            let middle = (low + high + 1) / 2
            if fits(String(head[..<middle]) + end) { low = middle } else { high = middle - 1 }
        }
        return String(head[..<low]) + end
    }

    static func shortened(_ text: String, toUTF16 limit: Int) -> String {
        shortened(text) { $0.utf16.count <= limit }
    }

    /// The text with the addresses of `buttons` below it that it does not name yet.
    static func withLinks(_ text: String, _ buttons: [ChatWords.Button]) -> String {
        buttons.reduce(text) { text, button in
            guard case .open(let url) = button.act, !text.contains(url) else { return text }
            return "\(text)\n\(url)"
        }
    }
}

extension ChatWords {
    /// The buttons that come back as a command, with what they send.
    var commands: [(title: String, payload: String)] {
        buttons.compactMap { if case .command(let payload) = $0.act { ($0.title, payload) } else { nil } }
    }

    var links: [(title: String, url: String)] {
        buttons.compactMap { if case .open(let url) = $0.act { ($0.title, url) } else { nil } }
    }
}
