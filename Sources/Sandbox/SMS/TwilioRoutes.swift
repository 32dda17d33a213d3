import Foundation
import Hummingbird
import NIOCore

/// Twilio's API for senders, below `/twilio/2010-04-01`. The account's SID is any; its token is the sandbox's.
///
/// Who has said STOP (`POST /api/chats/sms/{number}` with that text) gets nothing until START. Numbers that end in
/// 0000 do not exist, and Italian landlines take no SMS.
struct TwilioRoutes {
    let desk: ControlDesk

    func add(to router: Router<SandboxContext>) {
        let gate = ChatGate(desk: desk, messenger: "sms") { status in
            try
                (status == 429
                ? TwilioRefusal(status: 429, code: 20429, message: "Too Many Requests")
                : TwilioRefusal(status: status, code: 20500, message: "Internal Server Error")).response()
        }
        let group = router.group("twilio/2010-04-01/Accounts").add(middleware: gate)
        group.post(":sid/Messages.json") { request, context in
            let account = try context.parameters.require("sid")
            return try await self.answer(request, account) { request in try await self.send(request, account) }
        }
        group.get(":sid/Messages/:message/Media/:id") { request, context in
            let account = try context.parameters.require("sid")
            let id = try context.parameters.require("id")
            return try await self.answer(request, account) { request in
                // As the real one, which sends on to its file server.
                var response = Answer.bytes([], type: "text/plain", status: 307)
                response.headers[.location] = "http://\(request.head.authority ?? "localhost")/media/\(id)"
                return response
            }
        }
    }

    private func answer(
        _ request: Request, _ account: String, _ work: (Request) async throws -> Response
    ) async throws -> Response {
        do {
            let credentials = Data("\(account):\(desk.chatToken)".utf8).base64EncodedString()
            guard account.hasPrefix("AC"), request.headers[.authorization] == "Basic \(credentials)" else {
                throw TwilioRefusal(status: 401, code: 20003, message: "Authenticate")
            }
            return try await work(request)
        } catch let refusal as TwilioRefusal {
            return try refusal.response()
        }
    }

    private func send(_ request: Request, _ account: String) async throws -> Response {
        guard request.headers[.contentType] == "application/x-www-form-urlencoded" else {
            throw TwilioRefusal(status: 400, code: 21603, message: "The body is not a form")
        }
        let bytes = try await request.body.collect(upTo: 1 << 20)
        let message = try TwilioMessage(String(decoding: bytes.readableBytesView, as: UTF8.self))
        let key = ChatKey(messenger: "sms", chat: message.to)
        guard !desk.chats.hasStopped(key) else {
            throw TwilioRefusal(status: 400, code: 21610, message: "Attempt to send to unsubscribed recipient")
        }
        let id = "SM" + (0..<2).map { _ in Self.hex(UInt64.random(in: .min ... .max)) }.joined()
        desk.chats.add(StoredChat(id: id, key: key, account: message.from, text: message.body, at: desk.now()))
        return try Answer.json(
            [
                "sid": .string(id), "status": "queued", "to": .string(message.to), "from": .string(message.from),
                "body": .string(message.body), "account_sid": .string(account), "error_code": .null,
            ], status: 201)
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// An error of Twilio's API.
struct TwilioRefusal: Error, Equatable {
    let status: Int
    let code: Int
    let message: String

    func response() throws -> Response {
        try Answer.json(
            [
                "code": JSONValue(code), "message": .string(message), "status": JSONValue(status),
                "more_info": .string("https://www.twilio.com/docs/errors/\(code)"),
            ], status: status)
    }
}

/// A message that was sent to Twilio, held to its rules.
struct TwilioMessage: Equatable {
    let to: String
    let from: String
    let body: String

    init(_ form: String) throws(TwilioRefusal) {
        var fields: [String: String] = [:]
        for pair in form.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                $0.replacing("+", with: " ").removingPercentEncoding ?? ""
            }
            fields[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
        func refuse(_ code: Int, _ message: String) -> TwilioRefusal {
            TwilioRefusal(status: 400, code: code, message: message)
        }
        guard let to = fields["To"], Self.isNumber(to), !to.hasSuffix("0000") else {
            throw refuse(21211, "The 'To' number \(fields["To"] ?? "") is not a valid phone number")
        }
        guard !to.hasPrefix("+390") else { throw refuse(21614, "'To' number is not a valid mobile number") }
        guard let from = fields["MessagingServiceSid"] ?? fields["From"], !from.isEmpty else {
            throw refuse(21603, "A 'From' phone number is required")
        }
        guard from.hasPrefix("MG") || Self.isNumber(from) else {
            throw refuse(21606, "The 'From' phone number is not a valid, SMS-capable number of yours")
        }
        guard let body = fields["Body"], !body.isEmpty else { throw refuse(21602, "Message body is required") }
        guard body.utf16.count <= 1600 else { throw refuse(21617, "The message body exceeds the 1600 character limit") }
        if let callback = fields["StatusCallback"], !callback.hasPrefix("http") {
            throw refuse(21609, "The 'StatusCallback' URL is not a valid URL")
        }
        self.to = to
        self.from = from
        self.body = body
    }

    private static func isNumber(_ text: String) -> Bool {
        text.first == "+" && (8...16).contains(text.utf8.count)
            && text.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }
}
