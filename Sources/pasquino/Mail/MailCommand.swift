import ArgumentParser
import Foundation
import Mail

struct MailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail", abstract: "Show what is read of one raw e-mail, without storing it.",
        discussion: """
            FILE holds the mail as it travels (.eml); - is standard input. What is shown: the fields that matter, who or \
            what speaks, the certified envelope, the text in three (new, quoted, signature), the attachments and the \
            faults. No configuration is needed.
            """)
    @OptionGroup var output: JSONOption
    @Argument(help: "A file, or - for standard input.") var file = "-"

    func run() throws {
        let mail = MailReader().read(try Lines.contents(of: file, upTo: Lines.longest))
        print(output.json ? MailRecord(mail).json.text : MailText(mail).text)
    }
}
