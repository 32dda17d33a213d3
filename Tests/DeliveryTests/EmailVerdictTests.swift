import Testing

@testable import Delivery

@Suite struct EmailVerdictTests {
    private enum Kind: Equatable {
        case delivered, tryAgain, pauseServer, noSuchAddress, givenUp, stopped

        init(_ verdict: EmailVerdict) {
            switch verdict {
            case .delivered: self = .delivered
            case .tryAgain(_, let pause): self = pause ? .pauseServer : .tryAgain
            case .noSuchAddress: self = .noSuchAddress
            case .givenUp: self = .givenUp
            case .stopped: self = .stopped
            }
        }
    }

    private func kind(_ code: Int, _ text: String, _ stage: SMTPStage?) -> Kind {
        Kind(EmailVerdict(code: code, text: text, stage: stage))
    }

    @Test func delivered() {
        #expect(EmailVerdict(code: 250, text: "2.0.0 Ok: queued", stage: .message) == .delivered)
    }

    @Test(
        "Not now",
        arguments: [
            (450, "4.2.0 greylisted", .recipient), (451, "4.3.0 try later", .message), (452, "4.2.2 full", .recipient),
            (452, "4.5.3 too many", .data), (450, "", nil), (354, "go on", .message), (0, "", nil),
        ] as [(Int, String, SMTPStage?)])
    func temporary(code: Int, text: String, stage: SMTPStage?) {
        #expect(kind(code, text, stage) == .tryAgain)
    }

    @Test(
        "The server is not well",
        arguments: [
            (421, "4.3.2 shutting down", .message), (421, "", nil), (451, "", .greeting),
            (450, "4.7.1 busy", .mailFrom),
            (454, "4.7.0 try later", .authentication),
        ] as [(Int, String, SMTPStage?)])
    func serverPauses(code: Int, text: String, stage: SMTPStage?) {
        #expect(kind(code, text, stage) == .pauseServer)
    }

    @Test(
        "This mail will never be taken",
        arguments: [
            (501, "bad", .recipient), (550, "5.7.1 looks like spam", .recipient), (550, "5.2.2 full", .recipient),
            (554, "5.6.0 content", .message), (550, "5.7.1 looks like spam", .message), (554, "", .data),
            (550, "", .message), (550, "", nil), (554, "5.0.0", .recipient), (552, "5.3.4 too large", .mailFrom),
            (554, "5.3.4 too large", .mailFrom),
            (599, "", .recipient),
        ] as [(Int, String, SMTPStage?)])
    func permanent(code: Int, text: String, stage: SMTPStage?) {
        #expect(kind(code, text, stage) == .givenUp)
    }

    @Test(
        "There is no such mailbox",
        arguments: [
            (550, "5.1.1 no such user", .recipient), (553, "5.1.3 bad syntax", .recipient), (550, "", .recipient),
            (550, "5.1.1 no such user", nil), (550, "5.1.10 null MX", .recipient), (551, "not here", .recipient),
            (553, "", .recipient), (550, "5.2.1 disabled", .recipient), (554, "5.1.1 unknown", .message),
        ] as [(Int, String, SMTPStage?)])
    func noSuchAddress(code: Int, text: String, stage: SMTPStage?) {
        #expect(kind(code, text, stage) == .noSuchAddress)
    }

    @Test(
        "Our side is wrong",
        arguments: [
            (554, "no service", .greeting), (550, "5.7.1 you are blocked", .mailFrom), (553, "5.1.8 sender", .mailFrom),
            (535, "5.7.8 bad credentials", .authentication), (530, "5.7.0 authentication required", .mailFrom),
            (530, "", .recipient), (535, "", nil), (554, "5.7.1 Relay access denied", .recipient),
            (550, "relaying denied", nil), (550, "5.1.8 sender rejected", nil), (502, "not implemented", .data),
            (503, "bad sequence", .recipient), (550, "", .hello), (554, "", .startTLS),
        ] as [(Int, String, SMTPStage?)])
    func configuration(code: Int, text: String, stage: SMTPStage?) {
        #expect(kind(code, text, stage) == .stopped)
    }

    @Test func reasonsDoNotNameTheRecipient() {
        let verdict = EmailVerdict(code: 550, text: "5.1.1 <mario@example.com>: unknown\r\nuser", stage: .recipient)
        #expect(verdict == .noSuchAddress(reason: "RCPT TO refused: 550 5.1.1 […] unknown user"))
    }

    @Test(
        arguments: [
            (.connection, false, .pauseServer), (.connection, true, .tryAgain), (.protocolError, false, .pauseServer),
            (.tls, false, .stopped), (.authentication, false, .stopped), (.local, false, .tryAgain),
            (.local, true, .tryAgain), (.invalid, false, .givenUp),
        ] as [(EmailFailure.Kind, Bool, Kind)])
    private func failures(failure: EmailFailure.Kind, sent: Bool, expected: Kind) {
        #expect(Kind(EmailVerdict(EmailFailure(kind: failure, requestSent: sent, message: "x"))) == expected)
    }

    @Test func aLostAnswerIsSaidToBeOne() {
        #expect(
            EmailVerdict(EmailFailure(kind: .connection, requestSent: true, message: "timed out"))
                == .tryAgain(reason: "no answer after the text was sent: timed out", pauseServer: false))
    }

    @Test(
        arguments: [
            ("mx.example.org: RCPT TO refused: 550 5.1.1", .recipient), ("mx: greeting refused: 554", .greeting),
            ("mx: message text refused: 554", .message), ("mx: connection lost", nil),
        ] as [(String, SMTPStage?)])
    func stages(summary: String, stage: SMTPStage?) {
        #expect(SMTPStage(summary: summary) == stage)
    }
}
