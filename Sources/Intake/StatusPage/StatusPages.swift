import Civic
import Foundation
import HTTPTypes
import Hummingbird
import Mustache
import NIOCore
import Settings
import Store

/// The citizen's own page, `GET /t/{code}?k=…`: readable on a telephone and to a screen reader, in her language.
///
/// With a wrong key or an unknown code it says the same thing, so that nobody can try codes. With the right key it shows
/// the steps and the city's words, never what the citizen wrote or who she is.
public struct StatusPages: Sendable {
    private let page: MustacheTemplate
    private let missing: MustacheTemplate
    private let silence: MustacheTemplate

    public init() throws {
        page = try MustacheTemplate(string: StatusPages.pageSource)
        missing = try MustacheTemplate(string: StatusPages.missingSource)
        silence = try MustacheTemplate(string: StatusPages.silenceSource)
    }

    /// - Parameters:
    ///   - key: with which the page was opened.
    ///   - isSaved: the citizen has just said how they want to be told.
    func found(
        _ ticket: TicketRecord, in configuration: Configuration, key: String = "", isSaved: Bool = false
    ) -> String {
        let city = configuration.city
        let words = StatusWords(language: ticket.language)
        let today = city.zone.local(ticket.openedAt).date
        func office(_ code: String) -> String {
            configuration.directory.offices[code]?.name(on: today, in: ticket.language, fallback: city.language) ?? code
        }
        let steps: [[String: Any]] = ticket.events.filter { !$0.kind.isInternal }.map { event in
            [
                "date": words.date(event.at, in: city.zone), "machine": event.at.rfc3339,
                "what": words.step(event.kind, office: event.office.map(office)), "note": event.publicNote ?? "",
                "hasNote": event.publicNote != nil, "payment": event.payment.map(words.payment) ?? "",
                "hasPayment": event.payment != nil,
            ]
        }
        let documents: [[String: Any]] = ticket.attachments.enumerated().filter { $1.isForCitizen }.map {
            ["number": $0 + 1, "name": $1.name]
        }
        // While it waits for the citizen nobody knows until when.
        let hasDue = !ticket.status.isClosed && ticket.status != .waiting && ticket.dueAt != nil
        let choice = ContactForm(ticket, in: configuration)
        var members: [String: Any] = [
            "lang": words.language, "title": words.title, "city": city.name, "code": ticket.code,
            "status": words.status(ticket.status), "closed": ticket.status.isClosed,
            "categoryLabel": words.category,
            "category": ticket.category.flatMap {
                configuration.categories[$0]?.name(in: ticket.language, fallback: city.language)
            } ?? "",
            "hasCategory": ticket.category != nil, "officeLabel": words.office, "office": office(ticket.office),
            "dueLabel": words.due,
            "due": !hasDue ? "" : ticket.dueAt.map { words.date($0, in: city.zone) } ?? "",
            "hasDue": hasDue, "historyLabel": words.history, "steps": steps,
            "documentsLabel": words.documents, "documents": documents, "hasDocuments": !documents.isEmpty, "key": key,
            "phone": city.phone ?? "", "hasPhone": city.phone != nil, "help": words.help,
            "codeLabel": words.code, "statusLabel": words.statusLabel, "saved": isSaved ? words.choiceSaved : "",
            "isSaved": isSaved,
        ]
        members["choice"] = choice?.members(words, key: key)
        return page.render(members)
    }

    /// What the link in a mail's header leads to (RFC 8058), for people.
    /// - Parameter isDone: they have said it.
    func silence(_ code: String, key: String, language: String, isDone: Bool, in configuration: Configuration) -> String
    {
        let words = StatusWords(language: language)
        return silence.render([
            "lang": words.language, "city": configuration.city.name, "code": code, "key": key,
            "text": isDone ? words.silenceDone : words.silenceQuestion, "isOpen": !isDone,
            "button": words.silenceButton, "duty": words.choiceDuty, "change": words.silenceChange,
        ])
    }

    func notFound(in configuration: Configuration, language: String) -> String {
        let words = StatusWords(language: language)
        return missing.render(["lang": words.language, "city": configuration.city.name, "text": words.missing])
    }

    private static let style = """
        <style>
        :root{color-scheme:light dark;--ink:#17324d;--line:#5a768a;--paper:#fff;--mark:#06c;--soft:#f2f7fc}
        @media(prefers-color-scheme:dark){:root{--ink:#eef3f8;--line:#9fb3c5;--paper:#10202e;--mark:#7ab8ff;--soft:#18303f}}
        *{box-sizing:border-box}body{margin:0;font:1.125rem/1.5 "Titillium Web",system-ui,sans-serif;color:var(--ink);background:var(--paper)}
        header{background:var(--mark);color:#fff;padding:1rem}@media(prefers-color-scheme:dark){header{color:#04121f}}
        header p,main{max-width:42rem;margin:0 auto}header p{font-weight:700}main{padding:1rem}
        h1{font-size:1.6rem;line-height:1.25;margin:.75rem 0}h2{font-size:1.25rem;margin:2rem 0 .5rem}
        .state{background:var(--soft);border-left:.4rem solid var(--mark);padding:.75rem 1rem;font-weight:700}
        dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem}dt{color:var(--line)}dd{margin:0;overflow-wrap:anywhere}
        @media(max-width:30rem){dl{display:block}dd{margin:0 0 .5rem}}
        ol{list-style:none;padding:0;border-left:.15rem solid var(--line);margin-left:.5rem}
        li{padding:.25rem 0 .75rem 1rem}time{display:block;color:var(--line);font-size:1rem}.note{margin:.25rem 0;overflow-wrap:anywhere}
        fieldset{border:1px solid var(--line);padding:.5rem 1rem}legend{font-weight:700}label{display:block;padding:.5rem 0}
        input{width:1.2rem;height:1.2rem;accent-color:var(--mark);vertical-align:middle;margin:0 .5rem 0 0}
        button{font:inherit;font-weight:700;margin:1rem 0;padding:.6rem 1.2rem;border:0;background:var(--mark);color:var(--paper)}
        footer{max-width:42rem;margin:2rem auto;padding:1rem;border-top:1px solid var(--line)}a{color:var(--mark)}
        </style>
        """

    private static let head = """
        <!doctype html>
        <html lang="{{lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
        <meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">
        """

    private static let pageSource =
        head + """
            <title>{{code}} – {{status}} – {{city}}</title>\(style)</head>
            <body><header><p>{{city}}</p></header><main>
            {{#isSaved}}<p class="state" role="status">{{saved}}</p>{{/isSaved}}
            <h1>{{title}}</h1>
            <p class="state" role="status">{{statusLabel}}: {{status}}</p>
            <dl><dt>{{codeLabel}}</dt><dd>{{code}}</dd>
            {{#hasCategory}}<dt>{{categoryLabel}}</dt><dd>{{category}}</dd>{{/hasCategory}}
            <dt>{{officeLabel}}</dt><dd>{{office}}</dd>
            {{#hasDue}}<dt>{{dueLabel}}</dt><dd>{{due}}</dd>{{/hasDue}}</dl>
            <h2>{{historyLabel}}</h2>
            <ol>{{#steps}}<li><time datetime="{{machine}}">{{date}}</time>{{what}}{{#hasNote}}<p class="note">{{note}}</p>{{/hasNote}}{{#hasPayment}}<p class="note">{{payment}}</p>{{/hasPayment}}</li>{{/steps}}</ol>
            {{#hasDocuments}}<h2>{{documentsLabel}}</h2>
            <ul>{{#documents}}<li><a href="{{code}}/documents/{{number}}?k={{key}}">{{name}}</a></li>{{/documents}}</ul>{{/hasDocuments}}
            {{#choice}}<form method="post" action="?k={{key}}"><fieldset><legend>{{title}}</legend>
            {{#options}}<label><input type="radio" name="contact" value="{{value}}"{{#isChosen}} checked{{/isChosen}}>{{label}}</label>
            {{/options}}<p class="note">{{duty}}</p>
            {{#isForAll}}<label><input type="checkbox" name="all" value="1" checked>{{all}}</label>{{/isForAll}}
            </fieldset><button>{{save}}</button></form>{{/choice}}
            </main>{{#hasPhone}}<footer><p>{{help}} <a href="tel:{{phone}}">{{phone}}</a></p></footer>{{/hasPhone}}
            </body></html>
            """

    private static let silenceSource =
        head + """
            <title>{{code}} – {{city}}</title>\(style)</head>
            <body><header><p>{{city}}</p></header><main><h1>{{text}}</h1>
            {{#isOpen}}<form method="post" action="?k={{key}}"><input type="hidden" name="List-Unsubscribe" value="One-Click">
            <button>{{button}}</button></form>{{/isOpen}}
            <p>{{duty}}</p><p><a href="../{{code}}?k={{key}}">{{change}}</a></p></main></body></html>
            """

    private static let missingSource =
        head + """
            <title>{{city}}</title>\(style)</head>
            <body><header><p>{{city}}</p></header><main><h1>{{text}}</h1></main></body></html>
            """
}

extension TicketEvent {
    /// What the city says, and nobody else: whoever holds the page's key reads it.
    fileprivate var publicNote: String? {
        guard isTold, let note, !note.isEmpty else { return nil }
        return note
    }
}
