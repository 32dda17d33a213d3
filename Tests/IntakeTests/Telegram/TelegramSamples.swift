import Civic
import Foundation
import HTTPTypes
import Settings
import TestSupport
import Testing

@testable import Intake

/// Updates as Telegram writes them.
enum TelegramSamples {
    static let archive = "webhooks/telegram-updates.tar.xz"
    /// The recorded ones, by name.
    static let recorded: [String: [UInt8]] = {
        guard SharedData.has(archive), let files = try? SharedData.files(of: archive) else { return [:] }
        var updates: [String: [UInt8]] = [:]
        for (path, bytes) in files where path.hasSuffix(".json") {
            let name = path.split(separator: "/").last ?? ""
            updates[String(name.dropLast(5))] = Array(bytes)
        }
        return updates
    }()

    static let anna = #"{"id":4711,"is_bot":false,"first_name":"Anna","last_name":"Rossi","language_code":"it-IT"}"#
    static let home = #"{"id":4711,"type":"private","first_name":"Anna"}"#
    static let group = #"{"id":-1001,"type":"supergroup","title":"Quartiere"}"#

    /// An update with one message of Anna's.
    static func message(
        _ members: String, chat: String = home, from: String = anna, member: String = "message", number: Int = 7
    ) -> [UInt8] {
        Array(
            #"{"update_id":99,"\#(member)":{"message_id":\#(number),"date":1700000000,"from":\#(from),"chat":\#(chat),\#(members)}}"#
                .utf8)
    }

    static func events(_ update: [UInt8]) throws -> [ChatEvent] { try TelegramReader(bot: 8070).events(in: update) }

    /// The one message, or a failure.
    static func said(_ update: [UInt8]) throws -> ChatMessage {
        let events = try events(update)
        guard events.count == 1, case .message(let said) = events[0] else {
            throw Unexpected(events: "\(events)")
        }
        return said
    }

    struct Unexpected: Error { let events: String }
}
