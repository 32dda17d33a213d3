import Foundation
import Testing
import TransferTesting

@testable import Transfer

/// Debian's aiosmtpd with STARTTLS and AUTH, on a free port, with a certificate made for the test.
final class RealMailServer {
    static let isInstalled: Bool = {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")
            && FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/aiosmtpd")
    }()

    private static let program = """
        import asyncio, base64, ssl, sys
        from aiosmtpd.smtp import SMTP, AuthResult
        class Handler:
            async def handle_DATA(self, server, session, envelope):
                print("MAIL", session.ssl is not None, bool(session.authenticated),
                      base64.b64encode(envelope.content).decode(), flush=True)
                return "250 2.0.0 taken"
        def check(server, session, envelope, mechanism, data):
            return AuthResult(success=(data.login, data.password) == (b"pasquino", b"parola"), handled=False)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        async def main():
            loop = asyncio.get_running_loop()
            server = await loop.create_server(
                lambda: SMTP(Handler(), tls_context=context, require_starttls=sys.argv[3] == "tls",
                             authenticator=check, auth_required=True, auth_require_tls=False),
                "127.0.0.1", 0)
            print("PORT", server.sockets[0].getsockname()[1], flush=True)
            await loop.run_in_executor(None, sys.stdin.read)
        asyncio.run(main())
        """

    let directory: URL
    let url: String
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(requiresTLS: Bool) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "transfer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", directory.path + "/key.pem", "-out",
            directory.path + "/cert.pem",
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [
            "-c", Self.program, directory.path + "/cert.pem", directory.path + "/key.pem",
            requiresTLS ? "tls" : "plain",
        ]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let line = Self.line(output)
        guard line.hasPrefix("PORT ") else { throw POSIXError(.ECONNREFUSED) }
        url = "smtp://127.0.0.1:\(line.dropFirst(5))"
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)
    }

    var authority: String { directory.path + "/cert.pem" }

    /// The next mail it took: whether over TLS, whether authenticated, the text.
    func nextMail() -> [String] { Self.line(output).split(separator: " ").map(String.init) }

    private static func line(_ pipe: Pipe) -> String {
        var bytes: [UInt8] = []
        while let byte = try? pipe.fileHandleForReading.read(upToCount: 1)?.first, byte != 10 { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

@Suite(
    "SMTP, a real server", .serialized, .timeLimit(.minutes(30)),
    .enabled(if: RealMailServer.isInstalled, "needs Debian's python3-aiosmtpd and openssl"))
struct RealMailServerTests {
    static func mail(_ server: RealMailServer, _ change: (inout MailSubmission) -> Void = { _ in }) -> MailSubmission {
        var mail = MailSubmission(
            server: server.url, tls: .required, user: "pasquino", password: "parola", from: "urp@example.org",
            recipients: ["maria@example.org"], message: Array("Subject: prova\r\n\r\n.Perché\r\n".utf8),
            trustAuthority: server.authority)
        change(&mail)
        return mail
    }

    @Test func encryptedAndAuthenticated() async throws {
        let server = try RealMailServer(requiresTLS: true)
        try await withClient { client in
            for _ in 0..<3 {
                let answer = try await client.submit(Self.mail(server))
                #expect(answer == MailReceipt(code: 250, text: "2.0.0 taken"))
                let text = Data("Subject: prova\r\n\r\n.Perché\r\n".utf8).base64EncodedString()
                #expect(server.nextMail() == ["MAIL", "True", "True", text])
            }
        }
    }

    @Test func opportunisticEncryptsWithoutVerifying() async throws {
        let server = try RealMailServer(requiresTLS: false)
        try await withClient { client in
            _ = try await client.submit(
                Self.mail(server) {
                    $0.tls = .opportunistic
                    $0.trustAuthority = nil
                })
            #expect(server.nextMail().dropFirst().first == "True")
            _ = try await client.submit(Self.mail(server) { $0.tls = .never })
            #expect(server.nextMail().dropFirst().first == "False")
        }
    }

    @Test func anUnknownCertificateIsNotTrusted() async throws {
        let server = try RealMailServer(requiresTLS: true)
        let error = try await withClient { client in
            try await failure { () throws(TransferError) in
                try await client.submit(Self.mail(server) { $0.trustAuthority = nil })
            }
        }
        #expect(error.kind == .tls)
        #expect(!error.requestSent && error.isRetriable)
    }

    @Test func aPlainSessionIsNeverUsedForAMailThatRequiresTLS() async throws {
        let server = try RealMailServer(requiresTLS: false)
        try await withClient(connectionsPerHost: 1) { client in
            _ = try await client.submit(Self.mail(server) { $0.tls = .never })
            #expect(server.nextMail().dropFirst().first == "False")
            _ = try await client.submit(Self.mail(server))
            #expect(server.nextMail().dropFirst().first == "True")
        }
    }

    @Test func aWrongPassword() async throws {
        let server = try RealMailServer(requiresTLS: true)
        let error = try await withClient { client in
            try await failure { () throws(TransferError) in
                try await client.submit(Self.mail(server) { $0.password = "sbagliata" })
            }
        }
        #expect(error.kind == .authentication)
        #expect(!error.requestSent)
    }
}
