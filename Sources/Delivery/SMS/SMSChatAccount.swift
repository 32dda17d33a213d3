import Civic
import FoundationEssentials
import Settings
import Transfer

/// A number, or a messaging service, at Twilio: `POST {api}/Accounts/{sid}/Messages.json`.
///
/// There is no window and there are no buttons: links stand below the text, and what citizens may answer is a word
/// (`ConsentWords`). A request whose answer was lost is made again: see `Verdict.init(_:)`.
struct SMSChatAccount: ChatAccount {
    private let account: SMSAccount
    private let callback: String?
    private let client: TransferClient

    /// - Parameter callback: where Twilio tells what became of a message: the channel's public address.
    init(_ account: SMSAccount, callback: String?, client: TransferClient) {
        self.account = account
        self.callback = callback
        self.client = client
    }

    /// Ten segments; Twilio takes no more.
    var length: Int { Medium.sms.chatLength ?? 1600 }

    func send(_ words: ChatWords, to chat: String) async -> Verdict {
        let credentials = Data("\(account.account):\(account.token.value)".utf8).base64EncodedString()
        let request = HTTPRequest(
            method: "POST", url: "\(account.api)/Accounts/\(account.account)/Messages.json",
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"),
                ("Authorization", "Basic \(credentials)"),
            ], body: Array(form(words, to: chat).utf8))
        do throws(TransferError) {
            return SMSVerdict.of(ChatAnswer(try await client.send(request)))
        } catch {
            return Verdict(error)
        }
    }

    func form(_ words: ChatWords, to chat: String) -> String {
        let text = ChatText.shortened(ChatText.withLinks(words.text, words.buttons), toUTF16: length)
        var pairs = [("To", chat), (account.from.hasPrefix("MG") ? "MessagingServiceSid" : "From", account.from)]
        // A number that WhatsApp or RCS brought through Twilio is answered in the same way.
        if let prefix = chat.firstIndex(of: ":"), pairs[1].0 == "From" { pairs[1].1 = chat[...prefix] + account.from }
        pairs.append(("Body", text))
        if let callback { pairs.append(("StatusCallback", callback)) }
        return pairs.map { "\($0)=\(SMSChatAccount.encoded($1))" }.joined(separator: "&")
    }

    private static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count < 2 ? "0" + digits : digits)
            }
        }
        return result
    }
}
