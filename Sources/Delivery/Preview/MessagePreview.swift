import Civic
import Settings
import Store

/// What a citizen, or an office, would get of one notification on each medium, made as the carriers make it.
public struct MessagePreview: Sendable {
    public struct AppIO: Sendable {
        public enum Buttons: Hashable, Sendable {
            case shown(block: String)
            case none(because: String)
        }
        /// As sent: brought within the lengths.
        public let subject: String
        public let markdown: String
        public let buttons: Buttons
        /// Without the buttons' block.
        let body: String
        /// Whether the template's words had to be lengthened or shortened.
        public let isAdapted: Bool
    }

    public struct Chat: Sendable {
        public let medium: Medium
        public let words: String
        public let limit: Int
    }

    public static let appIOSubject = AppIOPayload.subjectLengths
    public static let appIOMarkdown = AppIOPayload.markdownLengths

    public let name: String
    /// That of the texts, which may be the city's own instead of the one asked for.
    public let language: String
    public let subject: String
    public let plain: String
    public let html: String?
    /// Nil for what goes to offices.
    public let appIO: AppIO?
    public let chats: [Chat]
    let city: String

    /// - Parameters:
    ///   - owed: the notification; its template is the one shown.
    ///   - more: variables that it does not fill itself.
    /// - Throws: `TemplateError` if a template is wrong, or there is none of that name.
    public init(
        of owed: OwedNotification, more: [String: String] = [:], in configuration: Configuration,
        statusURL: @escaping @Sendable (_ code: String) -> String,
        unsubscribeURL: @escaping @Sendable (_ code: String) -> String
    ) throws(TemplateError) {
        let templates = try TemplateLibrary(
            texts: configuration.templates, defaultLanguage: configuration.city.language, required: [])
        let facts = Facts(
            configuration: configuration, statusURL: statusURL, unsubscribeURL: unsubscribeURL, threadToken: { $0 })
        var variables = facts.variables(of: owed, in: templates).merging(more) { $1 }
        if configuration.mail?.replies != nil { variables["replies"] = "true" }
        name = owed.template
        city = configuration.city.name
        if TemplateNames.isSaidInChatsOnly(name) {
            // What a button says is nobody's message.
            let lengths = name.hasPrefix("button_") ? [(Medium.telegram, 64)] : MessagePreview.chatLengths
            var spoken = owed.language
            var chats: [Chat] = []
            for (medium, limit) in lengths {
                let said = try templates.chat(name, language: owed.language, variables: variables, length: limit)
                spoken = said.language
                chats.append(Chat(medium: medium, words: said.words, limit: limit))
            }
            self.chats = chats
            language = spoken
            subject = ""
            plain = ""
            html = nil
            appIO = nil
            return
        }
        let text = try templates.render(name: name, language: owed.language, variables: variables)
        language = text.language
        subject = text.subject
        plain = text.plain
        html = text.html
        guard owed.isToCitizen else {
            appIO = nil
            chats = []
            return
        }
        let sender = AppIOPayload.Sender(city: city, language: text.language)
        appIO = AppIO(subject: text.subject, markdown: text.io ?? "", from: sender, statusURL: variables["status_url"])
        var chats: [Chat] = []
        for (medium, limit) in MessagePreview.chatLengths {
            let said = try templates.chat(name, language: owed.language, variables: variables, length: limit)
            chats.append(Chat(medium: medium, words: said.words, limit: limit))
        }
        self.chats = chats
    }

    private static let chatLengths = Medium.allCases.compactMap { medium in medium.chatLength.map { (medium, $0) } }
}

extension MessagePreview.AppIO {
    fileprivate init(subject: String, markdown: String, from sender: AppIOPayload.Sender, statusURL: String?) {
        let written = AppIOFrontMatter(splitting: markdown)
        self.subject = AppIOPayload.subject(subject, from: sender)
        self.markdown = AppIOPayload.markdown(markdown, from: sender)
        let sent = AppIOFrontMatter(splitting: self.markdown)
        body = sent.body
        isAdapted = self.subject != subject || sent.body != written.body
        buttons =
            if let block = sent.block {
                .shown(block: block)
            } else if let problem = written.problem {
                .none(because: "the block was dropped: \(problem)")
            } else if written.block != nil {
                .none(because: "the block was dropped: it is longer than half of what a message holds")
            } else if statusURL?.lowercased().hasPrefix("https://") != true {
                .none(because: "App IO opens https addresses only: set city.base_url to one")
            } else {
                .none(because: "the template has no block")
            }
    }
}
