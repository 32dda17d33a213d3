/// What the answer of Twilio's API to a message means, by its error codes.
///
/// | answer | verdict |
/// |---|---|
/// | 201 | `delivered`: what became of it comes to the channel's address |
/// | the number is none, or takes no SMS (21211, 21214, 21217, 21612, 21614, 21408); the citizen said STOP (21610) | `unreachable`: another medium may do |
/// | too many (20429, 21611, 14107, 30001; 429) | `tryAgain`, the account pauses |
/// | credentials (20003), account (20005, 20404, 30002), our number or service (21603, 21606, 21659, 21703, 21704), our address (21609) | `stopped` |
/// | anything else of 400 | `givenUp` |
/// | 5xx, no answer | `tryAgain` |
///
/// Source: twilio.com/docs/api/errors.
enum SMSVerdict {
    static func of(_ answer: ChatAnswer) -> Verdict {
        let body = answer.decoded(Body.self)
        if (200..<300).contains(answer.status) { return .delivered(remoteID: body?.sid) }
        guard let code = body?.code else { return answer.verdict("the SMS provider answered \(answer.status)") }
        let reason = "the SMS provider answered \(answer.status), \(code): \(Reason.cleaned(body?.message ?? ""))"
        switch code {
        case 21211, 21214, 21217, 21408, 21610, 21612, 21614: return .unreachable(reason: reason)
        case 14107, 20429, 21611, 30001: return .tryAgain(reason: reason, after: answer.retryAfter, pause: true)
        case 20003, 20005, 20404, 21603, 21606, 21609, 21659, 21703, 21704, 30002: return .stopped(reason: reason)
        default: return answer.verdict(reason)
        }
    }

    private struct Body: Decodable {
        var sid: String?
        var code: Int?
        var message: String?
        enum CodingKeys: String, CodingKey { case sid, code, message }
        /// A member of another type than expected counts as absent.
        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            sid = try? members.decodeIfPresent(String.self, forKey: .sid)
            code = try? members.decodeIfPresent(Int.self, forKey: .code)
            message = try? members.decodeIfPresent(String.self, forKey: .message)
        }
    }
}
