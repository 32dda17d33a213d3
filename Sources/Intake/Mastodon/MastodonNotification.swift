/// What a Mastodon server tells an account (REST API, `Notification`), as far as a city can use it. Members of unexpected
/// types count as absent.
struct MastodonNotification: Decodable {
    let id: String?
    /// `mention`, `update`, `follow` …
    let kind: String
    let at: String?
    let account: MastodonAccountName?
    let status: MastodonStatus?

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        id = members.loose("id")
        kind = members.loose("type") ?? ""
        at = members.loose("created_at")
        account = members.loose("account")
        status = members.loose("status")
    }
}

struct MastodonAccountName: Decodable {
    /// `name` of its own server, `name@host` of another one.
    let acct: String
    let name: String?
    let isBot: Bool

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        acct = try members.decode(String.self, forKey: "acct")
        name = members.loose("display_name")
        isBot = members.loose("bot") ?? false
    }
}

struct MastodonStatus: Decodable {
    let id: String
    /// HTML.
    let content: String
    /// A content warning.
    let warning: String?
    let visibility: String
    let language: String?
    let at: String?
    let edited: String?
    let url: String?
    let inReplyTo: String?
    let media: [MastodonFile]

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        id = try members.decode(String.self, forKey: "id")
        content = members.loose("content") ?? ""
        warning = members.loose("spoiler_text")
        // What is not known is treated as private.
        visibility = members.loose("visibility") ?? "direct"
        language = members.loose("language")
        at = members.loose("created_at")
        edited = members.loose("edited_at")
        url = members.loose("url")
        inReplyTo = members.loose("in_reply_to_id")
        media = members.loose("media_attachments") ?? []
    }
}

struct MastodonFile: Decodable {
    let id: String?
    /// `image`, `gifv`, `video`, `audio` or `unknown`.
    let kind: String
    /// On the server or its store: a copy of what came from elsewhere. Null while it is being made.
    let url: String?
    /// For those who cannot see it.
    let description: String?

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        id = members.loose("id")
        kind = members.loose("type") ?? ""
        url = members.loose("url")
        description = members.loose("description")
    }
}
