import Civic
import Foundation
import TestSupport

@testable import Settings

/// The small city of the settings' tests with a channel of every kind, loaded once.
enum FuzzCity {
    static let now = Timestamp(seconds: 1_790_000_000)

    static let environment = [
        "IO_KEY": "a", "IO_KEY_2": "b", "PORTALE_TOKEN": "c", "SPORTELLO_TOKEN": "d", "OFFICE_TOKEN": "e",
        "PORTALE_SECRET": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", "S": "segreto-1",
        "CREDENTIALS_DIRECTORY": fixtures.appending(path: "credentials").path,
    ]

    static let fixtures = Repository.root.appending(path: "Tests/SettingsTests/Fixtures")

    static let channels = """
        channels:
          - name: portale
            type: webhook
            token: ${env:S}
            attests: [fiscal_code, email]
            area_field: quartiere
          - name: estero
            type: webhook
            token: ${env:S}
            token_in: {query: token}
            json_in: [rawRequest, data.*.json]
            unless: {status: [draft, spam]}
            fields:
              id: [id, submissionID]
              sent_at: [sent_at, submitted_at]
              name: "{first} {q3_nome.last}"
              email: [mail, data.applicant.email]
              phone: phone
              fiscal_code: cf
              subject: subject
              text:
                - "{text} {data.type.label}"
                - rawRequest.q6
              language: language
              lat: data.address.lat
              lon: data.address.lon
              address: data.address.name
              attachments: {list: images, content: url, name: originalName, type: type}
              fields: {tipo: data.type.value}
          - name: posta
            type: email
            token: ${env:S}
            certified: true
          - name: telegram
            type: telegram
            telegram: {token: "${env:S}", secret: "${env:S}"}
          - name: whatsapp
            type: whatsapp
            whatsapp: {number: "1", token: "${env:S}", app_secret: "${env:S}", verify_token: "${env:S}", template: {name: n, language: it}}
          - name: messenger
            type: messenger
            messenger: {page: "1", token: "${env:S}", app_secret: "${env:S}", verify_token: "${env:S}"}
          - name: sms
            type: sms
            sms: {account: AC1, token: "${env:S}", from: "+39060606"}
          - name: open311
            type: open311
            open311: {services: [strade.*], contact: urp@example.org, key_service: urp@example.org, keys: [{name: fms, key: "${env:S}"}]}

        """

    /// - Throws: if the city itself cannot be loaded, which is a mistake of this file's.
    static let configuration = Result { () throws -> Configuration in
        let folder = try FuzzFolder()
        let loaded = folder.load(file: "channels.yaml", Data(channels.utf8))
        guard let configuration = loaded.configuration else {
            throw FuzzFinding(
                description: loaded.findings.filter { $0.severity == .error }.map(\.description).joined(separator: "\n")
            )
        }
        return configuration
    }

    static func channel(_ name: String) throws -> Channel {
        guard let channel = try configuration.get().channels[name] else {
            throw FuzzFinding(description: "the city has no channel \(name)")
        }
        return channel
    }
}

/// A copy of the city in which one file at a time is another; gone with the last reference.
final class FuzzFolder {
    private let url: URL
    private var spoilt: (file: String, before: Data?)?

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "pasquino-fuzz-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: FuzzCity.fixtures.appending(path: "good"), to: url)
        // What a channel of type email needs beyond it.
        for file in ["office_reply.subject", "office_reply.txt"] { put(Data("{{code}}".utf8), "templates/it/\(file)") }
    }

    deinit { try? FileManager.default.removeItem(at: url) }  // what cannot be removed is the temporary folder's

    func load(file: String, _ bytes: Data) -> (configuration: Configuration?, findings: [Finding]) {
        if let spoilt, spoilt.file != file {
            put(spoilt.before, spoilt.file)
            self.spoilt = nil
        }
        if spoilt == nil { spoilt = (file, try? Data(contentsOf: url.appending(path: file))) }
        put(bytes, file)
        return ConfigurationLoader.load(directory: url.path, environment: FuzzCity.environment, secrets: .required)
    }

    private func put(_ bytes: Data?, _ file: String) {
        let target = url.appending(path: file)
        guard let bytes else { return (try? FileManager.default.removeItem(at: target)) ?? () }
        try? FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        do { try bytes.write(to: target) } catch { fatalError("the city cannot be written: \(error)") }
    }
}
