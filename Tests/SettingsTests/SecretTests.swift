import Foundation
import Testing

@testable import Settings

@Suite struct SecretTests {
    @Test func secretNeverShows() throws {
        let secret = Secret("hunter2")
        var dumped = ""
        dump([secret], to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), String(describing: [secret]), dumped] {
            #expect(!text.contains("hunter2"))
        }
        let configuration = try #require(try ConfigurationFolder().load().configuration)
        dump(configuration.channels, to: &dumped)
        dump(configuration.mail, to: &dumped)
        dump(configuration.appIO, to: &dumped)
        for value in ConfigurationFolder.environment.values where !value.hasPrefix("/") {
            #expect(!dumped.contains("\"\(value)\""))
        }
    }

    @Test func checkingNeedsNoSecretsAndServingDoes() throws {
        let folder = try ConfigurationFolder()
        let checked = folder.load([:], secrets: .optional)
        #expect(checked.configuration != nil)
        #expect(checked.findings.count == 8 && checked.findings.allSatisfy { $0.severity == .warning })
        let served = folder.load([:], secrets: .required)
        #expect(served.configuration == nil)
        #expect(served.findings.count == 8 && served.findings.allSatisfy { $0.severity == .error })
        #expect(served.findings.map(\.message) == checked.findings.map(\.message))
    }

    @Test func literalIsRefusedWhenChecking() throws {
        let folder = try ConfigurationFolder()
        try folder.edit("channels.yaml", "${env:SPORTELLO_TOKEN}", "hunter2")
        let loaded = folder.load(secrets: .optional)
        #expect(loaded.configuration == nil)
        #expect(loaded.findings.count == 1 && !loaded.findings.contains { $0.message.contains("hunter2") })
    }

    @Test func fileIsReadWithoutItsLineEnd() throws {
        let folder = try ConfigurationFolder()
        try folder.write("../\(folder.url.lastPathComponent).secret", "from a file\n")
        let file = folder.path + ".secret"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try folder.edit("channels.yaml", "${env:SPORTELLO_TOKEN}", "${file:\(file)}")
        #expect(folder.load().configuration?.channels["sportello"]?.token?.value == "from a file")
    }

    /// `LoadCredential=pasquino:DIRECTORY` gives each file the name `pasquino_NAME`.
    @Test func credentialOfTheUnitsDirectory() throws {
        let folder = try ConfigurationFolder()
        try folder.write("credentials/portale", "by its name")
        try folder.edit("channels.yaml", "${env:SPORTELLO_TOKEN}", "${credential:portale}")
        let credentials = ["CREDENTIALS_DIRECTORY": folder.path + "/credentials"]
        func token() -> String? {
            folder.load(ConfigurationFolder.environment.merging(credentials) { $1 }, secrets: .optional)
                .configuration?.channels["sportello"]?.token?.value
        }
        #expect(token() == "by its name")
        try folder.write("credentials/pasquino_portale", "by the unit's")
        #expect(token() == "by the unit's")
    }

    @Test(arguments: [nil, "", "\n"]) func fileThatHoldsNoSecret(_ content: String?) throws {
        let folder = try ConfigurationFolder()
        let file = folder.path + "/secret"
        if let content { try folder.write("secret", content) }
        try folder.edit("channels.yaml", "${env:SPORTELLO_TOKEN}", "${file:\(file)}")
        #expect(folder.findings().count == 1)
        #expect(folder.load(secrets: .optional).configuration != nil)
    }

    @Test func endlessFileIsNotRead() throws {
        let folder = try ConfigurationFolder()
        try folder.edit("channels.yaml", "${env:SPORTELLO_TOKEN}", "${file:/dev/zero}")
        #expect(folder.findings() == ["channels.yaml:13:12: error: token: the file /dev/zero cannot be read"])
    }

    @Test func emptyVariableIsNoSecret() throws {
        let folder = try ConfigurationFolder()
        let environment = ConfigurationFolder.environment.merging(["SPORTELLO_TOKEN": ""]) { $1 }
        #expect(
            folder.findings(environment) == [
                "channels.yaml:13:12: error: token: the environment variable SPORTELLO_TOKEN is not set"
            ])
    }

    @Test(arguments: [
        ("${env:DB}", "postgresql://borgo:pw@db/borgo"), ("${env:DB}", "host=db password=pw"),
        ("${env:DB}", "embedded"),
        ("host=db password=${env:PW}", "host=db password=pw"), ("${env:NONE:-host=db}", "host=db"),
        ("postgresql://borgo:${env:PW}@db/borgo", "postgresql://borgo:pw@db/borgo"),
        ("postgresql://borgo@db:5432/borgo?target_session_attrs=read-write", nil), ("host=a,b passfile=/x", nil),
    ]) func databaseMayComeFromTheEnvironment(_ written: String, _ value: String?) throws {
        let folder = try ConfigurationFolder()
        try folder.edit("pasquino.yaml", "host=/run/postgresql dbname=borgo", written)
        let environment = ConfigurationFolder.environment.merging(["DB": value ?? "", "PW": "pw"]) { $1 }
        let loaded = folder.load(environment)
        #expect(loaded.findings.isEmpty)
        let text = value ?? written
        #expect(loaded.configuration?.database.connection == (text == "embedded" ? .embedded : .string(text)))
    }

    @Test(arguments: [
        "host=db password=pw", "host=db password = 'pw'", "host=db PASSWORD=pw", "host=db sslpassword=pw sslkey=/k",
        "postgresql://borgo:pw@db/borgo", "postgres://borgo:p@w@db", "postgresql://db/borgo?password=pw",
        "host=db password=pw passfile=/x", "host=db password=${env:A} sslpassword=pw",
    ]) func databasePasswordInPlainSight(_ written: String) throws {
        let folder = try ConfigurationFolder()
        try folder.edit("pasquino.yaml", "host=/run/postgresql dbname=borgo", written)
        let findings = folder.load(ConfigurationFolder.environment.merging(["A": "a"]) { $1 }, secrets: .optional)
            .findings
        #expect(findings.count == 1 && findings[0].message.hasPrefix("database holds a password in plain sight"))
        #expect(findings[0].line == 14)
    }

    @Test func valuesFromTheEnvironment() throws {
        let folder = try ConfigurationFolder()
        try folder.edit("pasquino.yaml", "http://localhost:8060/", "${env:SCHEME:-https}://${env:HOST}/")
        try folder.edit("pasquino.yaml", "\"[::1]:8060\"", "${env:LISTEN:-127.0.0.1:8061}")
        let loaded = folder.load(ConfigurationFolder.environment.merging(["HOST": "b.example", "LISTEN": ""]) { $1 })
        #expect(loaded.findings.isEmpty)
        #expect(loaded.configuration?.city.baseURL == "https://b.example")
        #expect(loaded.configuration?.listen == ListenAddress(host: "127.0.0.1", port: 8061))
    }
}
