import Foundation
import Settings
import Transfer

/// Files of MMS: an address of the API's, with the account's credentials, which sends on to Twilio's file server. That
/// one step is followed here, without the credentials.
struct TwilioMedia: MediaSource {
    private let account: SMSAccount
    private let client: TransferClient

    init(_ account: SMSAccount, client: TransferClient) {
        self.account = account
        self.client = client
    }

    func fetch(_ media: ChatMedia, limit: Int) async throws(MediaFailure) -> [UInt8] {
        guard MediaAddress(api: account.api, hosts: ["api.twilio.com"]).allows(media.reference) else {
            throw MediaFailure(reason: "the file's address is none of Twilio's", isRetriable: false)
        }
        let credentials = Data("\(account.account):\(account.token.value)".utf8).base64EncodedString()
        var answer = try await client.get(media.reference, authorization: "Basic \(credentials)", limit: limit)
        if (300..<400).contains(answer.status) {
            guard let location = answer.header("location"),
                MediaAddress(api: account.api, hosts: [".twilio.com", ".twiliocdn.com"]).allows(location)
            else { throw MediaFailure(reason: "Twilio names an address that is none of its own", isRetriable: false) }
            answer = try await client.get(location, authorization: nil, limit: limit)
        }
        guard answer.status == 200 else { throw MediaFailure(status: answer.status, by: "Twilio") }
        return answer.body
    }
}
