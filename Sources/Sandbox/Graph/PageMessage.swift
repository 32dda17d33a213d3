/// A message that was sent to the Messenger Platform, for a page or an Instagram account, held to its rules.
struct PageMessage: Equatable {
    let to: String
    var text = ""
    var buttons: [StoredChat.Button] = []

    init(_ json: JSONValue, isInstagram: Bool) throws(GraphRefusal) {
        guard let to = json["recipient"]?["id"]?.string, !to.isEmpty else { throw .parameter("recipient.id") }
        self.to = to
        guard ["RESPONSE", "UPDATE", "MESSAGE_TAG"].contains(json["messaging_type"]?.string) else {
            throw .parameter("messaging_type")
        }
        let message = json["message"] ?? .null
        if let payload = message["attachment"]?["payload"] {
            try readTemplate(payload)
        } else {
            text = try Self.text(message["text"], "message.text") {
                isInstagram ? $0.utf8.count <= 1000 : $0.utf16.count <= 2000
            }
        }
        for reply in message["quick_replies"]?.array ?? [] {
            guard reply["content_type"] == "text" else { throw .parameter("quick_replies") }
            buttons.append(
                StoredChat.Button(
                    title: try Self.text(reply["title"], "a title") { $0.utf16.count <= 20 },
                    act: try Self.text(reply["payload"], "a payload") { $0.utf8.count <= 1000 }))
        }
        guard buttons.count <= 13 else { throw .parameter("quick_replies: 13 at most") }
    }

    private mutating func readTemplate(_ payload: JSONValue) throws(GraphRefusal) {
        guard payload["template_type"] == "button" else { throw .parameter("template_type") }
        text = try Self.text(payload["text"], "payload.text") { $0.utf16.count <= 640 }
        guard let all = payload["buttons"]?.array, (1...3).contains(all.count) else {
            throw .parameter("buttons: 1 to 3")
        }
        for button in all {
            let title = try Self.text(button["title"], "a title") { $0.utf16.count <= 20 }
            switch button["type"]?.string {
            case "web_url":
                let url = try Self.text(button["url"], "a button's url") { $0.hasPrefix("https://") }
                buttons.append(StoredChat.Button(title: title, act: url))
            case "postback":
                let payload = try Self.text(button["payload"], "a payload") { $0.utf8.count <= 1000 }
                buttons.append(StoredChat.Button(title: title, act: payload))
            default: throw .parameter("a button's type")
            }
        }
    }

    private static func text(
        _ json: JSONValue?, _ name: String, _ fits: (String) -> Bool
    ) throws(GraphRefusal) -> String {
        guard let text = json?.string, !text.isEmpty, fits(text) else { throw .parameter(name) }
        return text
    }
}
