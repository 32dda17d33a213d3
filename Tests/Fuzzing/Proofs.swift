import Civic
import Foundation
import HTTPTypes
import Webhooks

@testable import Intake
@testable import Settings

// What proves who sent it. Nobody who fuzzes has the secrets: whatever is accepted is a finding.
extension FuzzTarget {
    /// The first line is the signature, the second the time or the address, the rest the body.
    static let proofs = [
        FuzzTarget("proofs", "signatures and tokens: Standard Webhooks, GitHub's, Twilio's, Meta's, Telegram's") {
            bytes in
            let (signature, rest) = bytes.headed
            let (time, body) = rest.headed
            let secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
            let now = FuzzCity.now
            let webhooks = StandardWebhooks(secrets: [secret])
            for time in [time, String(now.seconds)] {
                try must(
                    webhooks?.accepts(id: time, timestamp: time, signatures: signature, body: body, now: now.seconds)
                        != true, "a forged signature of Standard Webhooks")
            }
            _ = StandardWebhooks(secrets: [signature])
            let signed = webhooks?.sign(id: signature, body: body, now: now.seconds) ?? []
            try must(
                webhooks?.accepts(
                    id: signature, timestamp: String(now.seconds), signatures: signed.last?.value ?? "", body: body,
                    now: now.seconds) == true, "our own signature is not accepted")
            let github = BodySignatures(BodySignature(header: "X-Hub-Signature-256", secrets: [Secret(secret)]))
            try must(github?.accepts(signature, body: body) != true, "a forged signature of a body")
            _ = Authentication.bearer(signature)
            var headers = HTTPFields()
            for name in ["x-hub-signature-256", "x-twilio-signature", "x-telegram-bot-api-secret-token"] {
                if let name = HTTPField.Name(name), HTTPField.isValidValue(signature) { headers[name] = signature }
            }
            headers[.contentType] = "application/x-www-form-urlencoded"
            let delivery = Intake.Delivery(url: time, headers: headers, body: body, receivedAt: now)
            for name in ["telegram", "whatsapp", "messenger", "sms"] {
                guard let messenger = Messengers.messenger(for: try FuzzCity.channel(name)) else { continue }
                let isProven = (try? messenger.prove(delivery)) != nil
                try must(!isProven || signature == "segreto-1", "a forged proof of \(name)")
                guard let query = try? FormBody(urlencoded: rest.text) else { continue }
                let challenge = try? messenger.challenge(query)
                try must(
                    challenge?.isEmpty != false || query["hub.verify_token"] == "segreto-1",
                    "a forged challenge of \(name)")
            }
        }
    ]
}
