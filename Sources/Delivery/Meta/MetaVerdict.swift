/// What the Graph API's answer to a message means. Errors are told apart by `code` and `error_subcode`, as Meta advises;
/// the HTTP status decides where there are none.
///
/// | answer | verdict |
/// |---|---|
/// | 200 | `delivered`, with the id by which receipts will name it |
/// | outside the 24 hours (131047; 10 with 2018278, 2018065 or 2534022); nobody there (131026, 551, 100 with 2018001, 2018108 …); a template that Meta does not take (132…) | `unreachable`: another medium may do |
/// | too many calls (4, 17, 32, 613, 80007, 130429, 131048, 133016; 429) | `tryAgain`, the whole account pauses |
/// | too many to this citizen (131056) | `tryAgain` |
/// | Meta's own trouble (1, 2, 131000, 131016, 131057; 5xx; `is_transient`) | `tryAgain` |
/// | token (0, 102, 190), permission (3, 10, 200–299), account (33, 368, 131005, 131031, 131042, 131045, 133010) | `stopped` |
/// | anything else of 400 | `givenUp` |
///
/// Source: WhatsApp Cloud API, "Error codes", and Messenger Platform, "Common error codes".
enum MetaVerdict {
    static func of(_ answer: ChatAnswer) -> Verdict {
        if (200..<300).contains(answer.status) { return .delivered(remoteID: answer.decoded(Sent.self)?.id) }
        guard let error = answer.decoded(Refused.self)?.error, let code = error.code else {
            return answer.verdict("Meta answered \(answer.status)")
        }
        let reason = reason(answer.status, error)
        if isUnreachable(code, error.subcode) { return .unreachable(reason: reason) }
        switch code {
        case 4, 17, 32, 613, 80007, 130429, 131048, 133016:
            return .tryAgain(reason: reason, after: answer.retryAfter, pause: true)
        // One message in six seconds to the same person.
        case 131056: return .tryAgain(reason: reason, after: answer.retryAfter ?? .seconds(10), pause: false)
        case 1, 2, 131000, 131016, 131057:
            return .tryAgain(reason: reason, after: answer.retryAfter, pause: false)
        case 0, 3, 10, 33, 102, 190, 200...299, 368, 131005, 131031, 131042, 131045, 133010:
            return .stopped(reason: reason)
        default: break
        }
        if error.isTransient { return .tryAgain(reason: reason, after: answer.retryAfter, pause: false) }
        // A code that is not known speaks of this message; only the status may say otherwise.
        return answer.verdict(reason)
    }

    /// Nothing is wrong with us or the message: it does not get there this way.
    private static func isUnreachable(_ code: Int, _ subcode: Int?) -> Bool {
        switch code {
        // Outside the window; not on WhatsApp; held back by Meta; no longer wants any.
        case 131047, 131026, 131021, 131030, 131049, 131050, 130472, 551: true
        // A template: paused, unknown, not approved, of other places than ours.
        case 132000...132099: true
        case 10: [2_018_278, 2_018_065, 2_534_022].contains(subcode)
        case 100: [2_018_001, 2_534_014].contains(subcode)
        case 200: [2_018_108, 1_545_041].contains(subcode)
        default: false
        }
    }

    /// Meta's words, without anybody's number in them.
    private static func reason(_ status: Int, _ error: Refused.Problem) -> String {
        let words = [error.message, error.details].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ": ")
        let code = [error.code, error.subcode].compactMap(\.self).map(String.init).joined(separator: "/")
        return "Meta answered \(status), \(code): \(Reason.cleaned(words))"
    }
}

/// `{"messages": [{"id": "wamid.…"}]}` of WhatsApp, `{"message_id": "m_…"}` of Messenger and Instagram.
private struct Sent: Decodable {
    struct Message: Decodable { let id: String? }
    let messages: [Message]?
    let messageID: String?
    enum CodingKeys: String, CodingKey {
        case messages
        case messageID = "message_id"
    }

    var id: String? {
        let id = messages?.first?.id ?? messageID
        return id.flatMap { (1...512).contains($0.utf8.count) ? $0 : nil }
    }
}

private struct Refused: Decodable {
    struct Problem: Decodable {
        var code: Int?
        var subcode: Int?
        var message: String?
        var details: String?
        var isTransient = false

        enum CodingKeys: String, CodingKey {
            case code, message, details
            case subcode = "error_subcode"
            case data = "error_data"
            case isTransient = "is_transient"
        }

        /// A member of another type than expected counts as absent.
        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            code = try? members.decodeIfPresent(Int.self, forKey: .code)
            subcode = try? members.decodeIfPresent(Int.self, forKey: .subcode)
            message = try? members.decodeIfPresent(String.self, forKey: .message)
            isTransient = (try? members.decodeIfPresent(Bool.self, forKey: .isTransient)) ?? false
            let data = try? members.nestedContainer(keyedBy: CodingKeys.self, forKey: .data)
            details = try? data?.decodeIfPresent(String.self, forKey: .details)
        }
    }
    let error: Problem
}
