import Civic

/// Reads an entry of the WhatsApp Cloud API.
///
/// A citizen who has chosen a username may come without a number; the chat is then the citizen's id of the kind
/// `IT.1349…`, by which one can be written to as well.
struct WhatsAppReader {
    /// The `phone_number_id`.
    let number: String

    func events(of entry: LooseJSON) -> [ChatEvent] {
        guard case .list(let changes) = entry["changes"], !changes.isEmpty else { return [.ignored(entry, "entry")] }
        return changes.flatMap { events(change: $0) }
    }

    private func events(change: LooseJSON) -> [ChatEvent] {
        let field = change["field"].text ?? "change"
        guard field == "messages" else { return [.ignored(change, field)] }
        let value = change["value"]
        guard value["metadata"]["phone_number_id"].text == number else { return [.ignored(change, "another number")] }
        let events =
            value["messages"].list.map { event($0, contacts: value["contacts"].list) }
            + value["statuses"].list.map(event(status:))
        guard events.isEmpty else { return events }
        return [.ignored(change, value["errors"].list.isEmpty ? field : "errors")]
    }

    // MARK: What became of ours

    private func event(status: LooseJSON) -> ChatEvent {
        guard let id = status["id"].text else { return .ignored(status, "status") }
        let at = status["timestamp"].moment
        switch status["status"].text {
        case "delivered": return .receipt(ChatReceipt(messageID: id, state: .delivered, at: at))
        // A voice message that was listened to.
        case "read", "played": return .receipt(ChatReceipt(messageID: id, state: .read, at: at))
        case "failed":
            return .receipt(
                ChatReceipt(messageID: id, state: .failed, at: at, reason: reason(status["errors"].list.first ?? .null))
            )
        case let other: return .ignored(status, other ?? "status")
        }
    }

    private func reason(_ error: LooseJSON) -> String {
        let title = error["title"].text ?? error["message"].text ?? "no reason is given"
        let code = error["code"].integer.map { " (\($0))" } ?? ""
        return "WhatsApp: \(MetaWords.withoutNumbers(title))\(code)"
    }

    // MARK: What citizens say

    private func event(_ json: LooseJSON, contacts: [LooseJSON]) -> ChatEvent {
        let type = json["type"].text ?? "message"
        guard json["group_id"] == .null else { return .ignored(json, "group") }
        guard let from = json["from"].text ?? json["from_user_id"].text, MetaWords.isChat(from) else {
            return .ignored(json, type)
        }
        var message = ChatMessage(
            id: json["id"].text ?? json.digest, chat: from, account: from, sentAt: json["timestamp"].moment)
        // Only digits: an id of the kind IT.1349… is no number.
        message.phone = PhoneNumber("+" + from)?.text
        let contact =
            contacts.first { $0["wa_id"].text == from || $0["user_id"].text == from }
            ?? (contacts.count == 1 ? contacts.first : nil)
        message.name = (contact?["profile"]["name"].text).map { String($0.prefix(200)) }
        addContext(of: json, to: &message)
        switch type {
        case "edit":
            guard add(json["edit"]["message"], to: &message) else { return .ignored(json, type) }
            message.fields["edits"] = json["edit"]["original_message_id"].text
            return .edited(message)
        case "request_welcome": return .command(.start, message)
        case "button":
            message.text = json["button"]["text"].text ?? json["button"]["payload"].text ?? ""
            return ButtonPress.event(json["button"]["payload"].text, message)
        case "interactive": return interactive(json, message)
        case "system": return .ignored(json, json["system"]["type"].text ?? type)
        case "unsupported": return .ignored(json, "unsupported \(json["unsupported"]["type"].text ?? "")")
        default:
            guard add(json, to: &message) else { return .ignored(json, type) }
            if type == "text", let command = ConsentWords.command(in: message.text) {
                return .command(command, message)
            }
            return .message(message)
        }
    }

    private func addContext(of json: LooseJSON, to message: inout ChatMessage) {
        let context = json["context"]
        message.fields[ChatMessage.answers] = context["id"].text
        if context["forwarded"].isTrue || context["frequently_forwarded"].isTrue {
            message.fields["forwarded"] = "true"
        }
        // An advertisement or post from which the conversation began.
        message.fields["link_title"] = json["referral"]["headline"].text
        message.fields["link_text"] = json["referral"]["body"].text
        message.fields["link"] = json["referral"]["source_url"].text
    }

    private func interactive(_ json: LooseJSON, _ message: ChatMessage) -> ChatEvent {
        var message = message
        let reply = json["interactive"]
        switch reply["type"].text {
        case "button_reply", "list_reply":
            let chosen = reply["button_reply"] == .null ? reply["list_reply"] : reply["button_reply"]
            message.text = chosen["title"].text ?? chosen["id"].text ?? ""
            return ButtonPress.event(chosen["id"].text, message)
        case "nfm_reply":
            // A form that was filled in within WhatsApp.
            let form = (reply["nfm_reply"]["response_json"].text).flatMap { try? LooseJSON(Array($0.utf8)) } ?? .null
            for (name, value) in form.members.sorted(by: { $0.key < $1.key }).prefix(100) where name != "flow_token" {
                message.fields[String(name.prefix(200))] = value.text
            }
            message.text =
                form.members.sorted { $0.key < $1.key }.filter { $0.key != "flow_token" }
                .compactMap { $0.value.text }.joined(separator: "\n")
            if message.text.isEmpty { message.text = reply["nfm_reply"]["body"].text ?? "" }
            return .message(message)
        default: return .ignored(json, "interactive \(reply["type"].text ?? "")")
        }
    }

    /// - Returns: whether it is of a kind that the city can use.
    private func add(_ json: LooseJSON, to message: inout ChatMessage) -> Bool {
        let type = json["type"].text ?? ""
        let content = json[type]
        switch type {
        case "text":
            guard let text = content["body"].text else { return false }
            message.text = text
        case "image", "video", "audio", "voice", "document", "sticker":
            guard let id = content["id"].text else { return false }
            message.text = content["caption"].text ?? ""
            if type == "sticker" { message.fields["sticker"] = "true" }
            if content["voice"].isTrue || type == "voice" { message.fields["voice"] = "true" }
            message.media = [
                ChatMedia(
                    reference: id, name: content["filename"].text ?? "",
                    type: content["mime_type"].text ?? "application/octet-stream", size: content["file_size"].integer)
            ]
        case "location":
            guard let point = MetaWords.point(content["latitude"], content["longitude"]) else { return false }
            let address = [content["name"].text, content["address"].text].compactMap(\.self).joined(separator: ", ")
            message.location = Location(point: point, address: address.isEmpty ? nil : address)
        case "contacts":
            message.text = json["contacts"].list.prefix(50).map(line(contact:)).joined(separator: "\n")
        case "order":
            let items = content["product_items"].list.prefix(100).map { item in
                "\(item["quantity"].text ?? "1") × \(item["product_retailer_id"].text ?? "?")"
            }
            message.text = ([content["text"].text].compactMap(\.self) + items).joined(separator: "\n")
        default: return false
        }
        return true
    }

    private func line(contact: LooseJSON) -> String {
        let phones = contact["phones"].list.compactMap { $0["phone"].text ?? $0["wa_id"].text }
        return ([contact["name"]["formatted_name"].text].compactMap(\.self) + phones).joined(separator: ", ")
    }
}

/// What Meta's words may hold.
enum MetaWords {
    /// Whether it can name a chat: no spaces, no slashes.
    static func isChat(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    static func point(_ latitude: LooseJSON, _ longitude: LooseJSON) -> GeoPoint? {
        guard let latitude = latitude.number, let longitude = longitude.number, (-90...90).contains(latitude),
            (-180...180).contains(longitude)
        else { return nil }
        return GeoPoint(latitude: latitude, longitude: longitude)
    }

    /// A reason that somebody else worded, short, and with no telephone number in it.
    static func withoutNumbers(_ text: String) -> String {
        var words: [Substring] = []
        for word in text.prefix(200).split(whereSeparator: \.isWhitespace) {
            words.append(word.filter(\.isNumber).count > 6 ? "…" : word)
        }
        return words.joined(separator: " ")
    }
}
