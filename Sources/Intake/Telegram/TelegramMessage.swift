import Civic

/// A message of Telegram's (Bot API, `Message`), as far as a city can use it.
struct TelegramMessage: Decodable {
    let number: Int64?
    let chat: TelegramChat?
    let from: TelegramUser?
    let date: Int64?
    let edited: Int64?
    /// Its own or its files' caption.
    let text: String?
    /// What stands behind words that are links.
    let links: [String]
    let album: String?
    let files: [TelegramFile]
    let contact: TelegramContact?
    let location: Location?
    /// A to-do list, its title first.
    let checklist: [String]
    let quoted: Quoted?
    /// Whose words it passes on.
    let forwardedFrom: String?
    /// What it consists of, in Telegram's word: `text`, `photo`, `sticker` … For those that cannot be used.
    let kind: String

    /// The message that it answers.
    struct Quoted: Decodable {
        let number: Int64?
        let chat: TelegramChat?
        let from: TelegramUser?

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: MemberName.self)
            number = members.loose("message_id")
            chat = members.loose("chat")
            from = members.loose("from")
        }
    }

    /// Members that a message may have whatever it consists of.
    private static let frame: Set<String> = [
        "message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "sender_boost_count",
        "sender_business_bot", "sender_tag", "date", "guest_query_id", "business_connection_id", "chat",
        "forward_origin", "is_topic_message", "is_automatic_forward", "reply_to_message", "external_reply", "quote",
        "reply_to_story", "reply_to_checklist_task_id", "via_bot", "edit_date", "has_protected_content",
        "is_from_offline", "is_paid_post", "media_group_id", "author_signature", "paid_star_count", "entities",
        "link_preview_options", "effect_id", "caption", "caption_entities", "show_caption_above_media",
        "has_media_spoiler", "reply_markup",
    ]

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        number = members.loose("message_id")
        chat = members.loose("chat")
        from = members.loose("from")
        date = members.loose("date")
        edited = members.loose("edit_date")
        text = members.loose("text") ?? members.loose("caption")
        let entities: [Entity] = members.loose("entities") ?? members.loose("caption_entities") ?? []
        links = entities.compactMap(\.url)
        album = members.loose("media_group_id")
        contact = members.loose("contact")
        let venue: Venue? = members.loose("venue")
        let point: Position? = members.loose("location") ?? venue?.location
        location = point.flatMap(\.location).map {
            Location(point: $0.point, accuracy: $0.accuracy, address: venue?.name)
        }
        checklist = members.loose("checklist", as: Checklist.self)?.lines ?? []
        quoted = members.loose("reply_to_message")
        forwardedFrom = members.loose("forward_origin", as: Origin.self)?.name
        let all = try decoder.container(keyedBy: MemberName.self)
        files = TelegramFile.all(in: all)
        kind = all.allKeys.map(\.stringValue).filter { !TelegramMessage.frame.contains($0) }.min() ?? "empty"
    }

    private struct Entity: Decodable {
        let url: String?
    }

    private struct Position: Decodable {
        let location: Location?

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: MemberName.self)
            let latitude = try members.decode(Double.self, forKey: "latitude")
            let longitude = try members.decode(Double.self, forKey: "longitude")
            let accuracy: Double? = members.loose("horizontal_accuracy")
            location =
                (-90...90).contains(latitude) && (-180...180).contains(longitude)
                ? Location(
                    point: GeoPoint(latitude: latitude, longitude: longitude),
                    accuracy: accuracy.flatMap { $0 >= 0 && $0.isFinite ? $0 : nil })
                : nil
        }
    }

    private struct Venue: Decodable {
        let location: Position?
        let title: String?
        let address: String?

        var name: String? {
            let name = [title, address].compactMap(\.self).joined(separator: ", ").telegramLine
            return name.isEmpty ? nil : name
        }
    }

    private struct Checklist: Decodable {
        struct Task: Decodable { let text: String? }
        let title: String?
        let tasks: [Task]?

        var lines: [String] { ([title] + (tasks ?? []).map(\.text)).compactMap(\.self) }
    }

    /// A user, somebody who hides, a group or a channel.
    private struct Origin: Decodable {
        let name: String?

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: MemberName.self)
            let user: TelegramUser? = members.loose("sender_user")
            let chat: TelegramChat? = members.loose("sender_chat") ?? members.loose("chat")
            name = (user?.name ?? members.loose("sender_user_name") ?? chat?.title)?.telegramLine
        }
    }
}

struct TelegramContact: Decodable {
    let number: String
    let name: String
    let user: Int64?

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        number = try members.decode(String.self, forKey: "phone_number")
        let names: [String?] = [members.loose("first_name"), members.loose("last_name")]
        name = names.compactMap(\.self).joined(separator: " ").telegramLine
        user = members.loose("user_id")
    }

    /// Telegram writes the country code, often without the plus sign.
    var phone: String? { (PhoneNumber("+" + number.drop { $0 == "+" }) ?? PhoneNumber(number))?.text }
}

/// A file that a message brings.
struct TelegramFile: Hashable {
    let id: String
    let name: String
    let type: String
    let size: Int?

    private struct Description: Decodable {
        let id: String
        let name: String?
        let type: String?
        let size: Int?
        let area: Double

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: MemberName.self)
            id = try members.decode(String.self, forKey: "file_id")
            name = members.loose("file_name")
            type = members.loose("mime_type")
            size = members.loose("file_size")
            area = (members.loose("width") ?? 0) * (members.loose("height") ?? 0)
        }
    }

    /// By the member: the name and the type of what does not tell its own.
    private static let kinds: [(member: String, name: String, type: String)] = [
        ("animation", "animation.mp4", "video/mp4"), ("document", "document", "application/octet-stream"),
        ("audio", "audio.mp3", "audio/mpeg"), ("video", "video.mp4", "video/mp4"),
        ("video_note", "video.mp4", "video/mp4"), ("voice", "voice.oga", "audio/ogg"),
    ]

    /// Each file once: an animation is told as a document too.
    static func all(in members: KeyedDecodingContainer<MemberName>) -> [TelegramFile] {
        var files: [TelegramFile] = []
        if let sizes: [Description] = members.loose("photo"),
            let largest = sizes.max(by: { ($0.area, $0.size ?? 0) < ($1.area, $1.size ?? 0) })
        {
            files.append(TelegramFile(largest, name: "photo.jpg", type: "image/jpeg"))
        }
        for kind in kinds {
            guard let told: Description = members.loose(MemberName(kind.member)),
                !files.contains(where: { $0.id == told.id })
            else { continue }
            files.append(TelegramFile(told, name: kind.name, type: kind.type))
        }
        return files.filter { !$0.id.isEmpty && $0.id.utf8.count <= 512 }
    }

    private init(_ told: Description, name: String, type: String) {
        id = told.id.storable
        self.name = told.name?.telegramLine ?? name
        self.type = told.type?.telegramLine ?? type
        size = told.size.flatMap { $0 >= 0 ? $0 : nil }
    }
}
