import Civic
import Delivery

/// A preview as an operator reads it on a terminal, or a program as JSON.
struct PreviewText {
    enum Part: Hashable {
        case email, appIO, chat
        case messenger(Medium)

        static let names = ["email", "app_io", "chat"] + Medium.allCases.filter(\.isChat).map(\.rawValue)

        init?(_ name: String) {
            switch name {
            case "email", "pec": self = .email
            case "app_io": self = .appIO
            case "chat": self = .chat
            default:
                guard let medium = Medium(rawValue: name), medium.isChat else { return nil }
                self = .messenger(medium)
            }
        }
    }

    private let preview: MessagePreview
    private let part: Part?

    init(_ preview: MessagePreview, only part: Part?) {
        self.preview = preview
        self.part = part
    }

    /// Why there is nothing to show.
    var problem: String? {
        let isThere =
            switch part {
            case nil: true
            case .email?: !preview.subject.isEmpty
            case .appIO?: preview.appIO != nil
            case .chat?, .messenger?: !chats.isEmpty
            }
        return isThere ? nil : "\(preview.name) is never said there: leave --medium out"
    }

    private var chats: [MessagePreview.Chat] {
        switch part {
        case .messenger(let medium)?: preview.chats.filter { $0.medium == medium }
        // Most messengers say the same: only those that have to say less follow.
        case nil, .chat?:
            preview.chats.enumerated().filter { index, chat in
                index == 0 || chat.words != preview.chats[0].words
            }.map(\.element)
        case .email?, .appIO?: []
        }
    }

    var text: String {
        var blocks: [String] = []
        if part == nil || part == .email, !preview.subject.isEmpty {
            blocks.append("\(Terminal.bold("Subject:")) \(safe(preview.subject))\n\n\(safe(preview.plain))")
        }
        if part == nil || part == .appIO, let message = preview.appIO {
            let buttons =
                switch message.buttons {
                case .shown: "Buttons: valid"
                case .none(let reason): "Buttons: none; \(reason)"
                }
            blocks.append(
                """
                \(Terminal.bold("App IO:")) \(safe(message.subject))

                \(safe(message.markdown))

                \(preview.lengths(message))
                \(buttons)
                """)
        }
        for chat in chats {
            let title = chats.count == 1 && part == nil ? "Chat" : chat.medium.rawValue
            blocks.append(
                "\(Terminal.bold("\(title):"))\n\(safe(chat.words))\n\n"
                    + "\(chat.words.utf16.count) of at most \(chat.limit) UTF-16 units")
        }
        return blocks.joined(separator: "\n\n----\n\n")
    }

    private func safe(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { Terminal.safe(String($0)) }.joined(separator: "\n")
    }

    var json: JSON {
        var members: [(String, JSON)] = [
            ("name", .string(preview.name)), ("language", .string(preview.language)),
        ]
        if part == nil || part == .email, !preview.subject.isEmpty {
            members.append(("subject", .string(preview.subject)))
            members.append(("text", .string(preview.plain)))
            members.append(("html", .optional(preview.html)))
        }
        if part == nil || part == .appIO, let message = preview.appIO {
            var buttons: [(String, JSON)]
            switch message.buttons {
            case .shown: buttons = [("shown", .bool(true))]
            case .none(let reason): buttons = [("shown", .bool(false)), ("because", .string(reason))]
            }
            members.append(
                (
                    "app_io",
                    .object([
                        ("subject", .string(message.subject)), ("markdown", .string(message.markdown)),
                        ("subject_length", .int(Int64(message.subject.utf16.count))),
                        ("markdown_length", .int(Int64(message.markdown.utf16.count))),
                        ("adapted", .bool(message.isAdapted)), ("buttons", .object(buttons)),
                    ])
                ))
        }
        members.append(
            (
                "chats",
                .array(
                    chats.map {
                        .object([
                            ("medium", .string($0.medium.rawValue)), ("text", .string($0.words)),
                            ("length", .int(Int64($0.words.utf16.count))), ("limit", .int(Int64($0.limit))),
                        ])
                    })
            ))
        return .object(members)
    }
}
