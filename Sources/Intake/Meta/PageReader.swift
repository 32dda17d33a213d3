import Civic
import Foundation

/// Reads an entry of Messenger or Instagram: both have the Messenger Platform's events.
///
/// What is said to another app that has taken the conversation over (`standby`) is not ours to answer, and ignored; so
/// are echoes of what the page itself says, by us or from the inbox.
struct PageReader {
    /// The page's or account's id.
    let page: String

    func events(of entry: LooseJSON) -> [ChatEvent] {
        guard entry["id"].text == page else { return [.ignored(entry, "another page")] }
        let found =
            entry["messaging"].list.flatMap(events(told:)) + entry["standby"].list.map { .ignored($0, "standby") }
            + entry["changes"].list.flatMap { change in
                // Instagram's own login tells of messages in this form.
                change["value"]["sender"]["id"].text == nil
                    ? [.ignored(change, change["field"].text ?? "change")] : events(told: change["value"])
            }
        return found.isEmpty ? [.ignored(entry, "entry")] : found
    }

    private func events(told json: LooseJSON) -> [ChatEvent] {
        switch kind(of: json) {
        // Without ids it is only a moment up to which all arrived.
        case "delivery": receipts(json, of: json["delivery"]["mids"].list.compactMap(\.text), .delivered)
        // Instagram names the message, Messenger only a moment.
        case "read": receipts(json, of: [json["read"]["mid"].text].compactMap(\.self), .read)
        case "message": [message(json)]
        case "message_edit": [edition(json)]
        case "postback": [postback(json)]
        case let other: [.ignored(json, other)]
        }
    }

    private func receipts(_ json: LooseJSON, of ids: [String], _ state: ChatReceipt.State) -> [ChatEvent] {
        guard !ids.isEmpty else { return [.ignored(json, state.rawValue)] }
        return ids.map { .receipt(ChatReceipt(messageID: $0, state: state, at: json["timestamp"].moment)) }
    }

    private func kind(of json: LooseJSON) -> String {
        let known = ["message", "message_edit", "postback", "delivery", "read"]
        let envelope: Set = ["sender", "recipient", "timestamp"]
        return known.first { json[$0] != .null }
            ?? json.members.keys.sorted().first { !envelope.contains($0) } ?? "event"
    }

    /// Who speaks, if it is a citizen.
    private func begun(_ json: LooseJSON, id: String) -> ChatMessage? {
        guard let sender = json["sender"]["id"].text, sender != page, MetaWords.isChat(sender) else { return nil }
        return ChatMessage(id: id, chat: sender, account: sender, sentAt: json["timestamp"].moment)
    }

    private func message(_ json: LooseJSON) -> ChatEvent {
        let said = json["message"]
        if said["is_echo"].isTrue { return .ignored(json, "echo") }
        if said["is_deleted"].isTrue { return .ignored(json, "deleted") }
        guard var message = begun(json, id: said["mid"].text ?? json.digest) else { return .ignored(json, "message") }
        message.text = said["text"].text ?? ""
        message.fields[ChatMessage.answers] = said["reply_to"]["mid"].text
        message.fields["link"] = said["reply_to"]["story"]["url"].text
        for attachment in said["attachments"].list.prefix(50) { add(attachment, to: &message) }
        if let payload = said["quick_reply"]["payload"].text { return ButtonPress.event(payload, message) }
        guard !message.text.isEmpty || !message.media.isEmpty || message.location != nil else {
            return .ignored(json, said["is_unsupported"].isTrue ? "unsupported" : "message")
        }
        if message.media.isEmpty, let command = ConsentWords.command(in: message.text) {
            return .command(command, message)
        }
        return .message(message)
    }

    private func edition(_ json: LooseJSON) -> ChatEvent {
        let edit = json["message_edit"]
        guard let mid = edit["mid"].text, let text = edit["text"].text,
            var message = begun(json, id: "\(mid)#\(edit["num_edit"].text ?? json.digest)")
        else { return .ignored(json, "message_edit") }
        message.text = text
        message.fields["edits"] = mid
        return .edited(message)
    }

    private func postback(_ json: LooseJSON) -> ChatEvent {
        let pressed = json["postback"]
        guard var message = begun(json, id: pressed["mid"].text ?? json.digest) else {
            return .ignored(json, "postback")
        }
        message.text = pressed["title"].text ?? ""
        return ButtonPress.event(pressed["payload"].text, message)
    }

    private func add(_ attachment: LooseJSON, to message: inout ChatMessage) {
        let payload = attachment["payload"]
        let url = payload["url"].text ?? attachment["url"].text
        switch attachment["type"].text {
        case "image", "video", "audio", "file", "story_mention":
            guard let url else { return }
            if payload["sticker_id"] != .null { message.fields["sticker"] = "true" }
            message.media.append(
                ChatMedia(
                    reference: url, name: PageReader.fileName(url),
                    type: PageReader.types[attachment["type"].text ?? ""] ?? "application/octet-stream"))
        case "location":
            let place = payload["coordinates"]
            guard let point = MetaWords.point(place["lat"], place["long"]) else { return }
            message.location = Location(point: point, address: attachment["title"].text)
        default:
            // A link, a post, a reel, a product: what it shows of itself.
            let title = attachment["title"].text ?? payload["title"].text
            message.fields["link_title"] = title
            message.fields["link"] = url
            if message.text.isEmpty { message.text = [title, url].compactMap(\.self).joined(separator: "\n") }
        }
    }

    /// As far as Meta declares them.
    private static let types = ["image": "image/jpeg", "video": "video/mp4", "audio": "audio/mp4"]

    private static func fileName(_ url: String) -> String {
        URLComponents(string: url)?.path.split(separator: "/").last.map(String.init) ?? ""
    }
}
