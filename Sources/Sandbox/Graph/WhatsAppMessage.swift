/// A message that was sent to the WhatsApp Cloud API, held to the API's rules.
struct WhatsAppMessage: Equatable {
    let to: String
    var text = ""
    var buttons: [StoredChat.Button] = []
    var template: String?
    var inReplyTo: String?

    init(_ json: JSONValue) throws(GraphRefusal) {
        guard json["messaging_product"]?.string == "whatsapp" else { throw .parameter("messaging_product") }
        guard let to = json["to"]?.string ?? json["recipient"]?.string, !to.isEmpty else { throw .parameter("to") }
        self.to = to
        inReplyTo = json["context"]?["message_id"]?.string
        switch json["type"]?.string {
        case "text": text = try Self.text(json["text"]?["body"], upTo: 4096, "text.body")
        case "interactive": try readInteractive(json["interactive"] ?? .null)
        case "template": try readTemplate(json["template"] ?? .null)
        default: throw GraphRefusal(status: 400, code: 131051, message: "Unsupported message type")
        }
    }

    private mutating func readInteractive(_ json: JSONValue) throws(GraphRefusal) {
        text = try Self.text(json["body"]?["text"], upTo: 1024, "interactive.body.text")
        let action = json["action"] ?? .null
        switch json["type"]?.string {
        case "button":
            guard let all = action["buttons"]?.array, (1...3).contains(all.count) else {
                throw .parameter("interactive.action.buttons: 1 to 3")
            }
            for button in all {
                guard button["type"] == "reply" else { throw .parameter("a button's type") }
                let title = try Self.text(button["reply"]?["title"], upTo: 20, "a button's title")
                let id = try Self.text(button["reply"]?["id"], upTo: 256, "a button's id")
                guard !buttons.contains(where: { $0.title == title || $0.act == id }) else {
                    throw .parameter("two buttons are alike")
                }
                buttons.append(StoredChat.Button(title: title, act: id))
            }
        case "cta_url":
            guard action["name"] == "cta_url" else { throw .parameter("interactive.action.name") }
            let title = try Self.text(action["parameters"]?["display_text"], upTo: 20, "display_text")
            let url = try Self.text(action["parameters"]?["url"], upTo: 2000, "url")
            guard url.hasPrefix("https://") || url.hasPrefix("http://") else { throw .parameter("url") }
            buttons = [StoredChat.Button(title: title, act: url)]
        default: throw .parameter("interactive.type")
        }
    }

    /// Every template is approved whose name does not begin with `unknown`; each has two places.
    private mutating func readTemplate(_ json: JSONValue) throws(GraphRefusal) {
        let name = try Self.text(json["name"], upTo: 512, "template.name")
        _ = try Self.text(json["language"]?["code"], upTo: 10, "template.language.code")
        guard !name.hasPrefix("unknown") else {
            throw GraphRefusal(status: 404, code: 132001, message: "Template name does not exist in the translation")
        }
        let body = json["components"]?.array?.first { $0["type"] == "body" }
        let places = body?["parameters"]?.array ?? []
        guard places.count == 2 else {
            throw GraphRefusal(status: 400, code: 132000, message: "Number of parameters does not match")
        }
        var words: [String] = []
        for place in places {
            guard place["type"] == "text" else { throw .parameter("a parameter's type") }
            words.append(try Self.text(place["text"], upTo: 1024, "a parameter"))
        }
        let isPlain = words.allSatisfy { !$0.contains { $0.isNewline || $0 == "\t" } && !$0.contains("    ") }
        guard isPlain else {
            throw GraphRefusal(
                status: 400, code: 132018,
                message: "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
        }
        template = name
        text = words.joined(separator: "\n")
    }

    private static func text(_ json: JSONValue?, upTo most: Int, _ name: String) throws(GraphRefusal) -> String {
        guard let text = json?.string, (1...most).contains(text.utf16.count) else {
            throw .parameter("\(name): 1 to \(most) characters")
        }
        return text
    }
}
