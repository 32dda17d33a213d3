import Hummingbird

/// The web page: a phone with App IO's notifications, a mailbox and the messengers' chats, in one document without outside resources.
///
/// Whatever arrived is put in as text, never as markup; HTML mails are shown in a frame without any permission. The
/// policy below lets nothing else run or load even if that failed.
enum Page {
    static func response() -> Response {
        let nonce = (0..<4).map { _ in String(UInt32.random(in: .min ... .max), radix: 36) }.joined()
        var response = Answer.bytes(document(nonce).utf8, type: "text/html; charset=utf-8")
        response.headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-\(nonce)'; connect-src 'self'; "
            + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        return response
    }

    private static func document(_ nonce: String) -> String {
        """
        <!doctype html>
        <html lang="it">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Pasquino · sandbox</title>
        <link rel="icon" href="data:,">
        <style>\(style)</style>
        </head>
        <body>
        \(body)
        <script nonce="\(nonce)">\(markdown)\(script)</script>
        </body>
        </html>

        """
    }

    private static let body = #"""
        <a class="skip" href="#mailbox" data-t="skip">Vai alla posta</a>
        <header>
          <div class="brand"><h1>Pasquino <span>sandbox</span></h1>
          <p data-t="lead">Quello che i cittadini avrebbero ricevuto. Da qui non esce nulla.</p></div>
          <dl aria-label="Totali" data-a="totals">
            <div><dt data-t="messages">Messaggi IO</dt><dd id="n-messages">0</dd></div>
            <div><dt data-t="mails">E-mail</dt><dd id="n-mails">0</dd></div>
            <div><dt data-t="chats">Chat</dt><dd id="n-chats">0</dd></div>
            <div><dt data-t="offices">Uffici</dt><dd id="n-offices">0</dd></div>
            <div><dt data-t="refused">Rifiuti</dt><dd id="n-refused">0</dd></div>
          </dl>
          <div class="languages" role="group" aria-label="Lingua" data-a="language">
            <button type="button" data-language="it" aria-pressed="true">Italiano</button>
            <button type="button" data-language="en" aria-pressed="false">English</button>
          </div>
        </header>
        <p id="lost" role="alert" hidden data-t="lost">La sandbox non risponde: i dati qui sotto sono fermi.</p>
        <main>
          <section class="io" aria-labelledby="io-title">
            <h2 id="io-title" data-t="phone">Telefono</h2>
            <label class="filter"><span data-t="code">Codice fiscale</span>
              <input id="f-code" type="search" autocomplete="off" spellcheck="false" maxlength="16"></label>
            <div class="phone">
              <div class="bar" aria-hidden="true"><span id="clock">9:41</span><i></i><span>IO</span></div>
              <div class="screen" id="screen" tabindex="-1">
                <ol id="pushes" class="pushes"></ol>
                <article id="message" hidden>
                  <button type="button" id="back" data-t="back">‹ Messaggi</button>
                  <p class="sender" data-t="sender">Il tuo Comune</p>
                  <h3 id="m-subject"></h3>
                  <p class="meta" id="m-meta"></p>
                  <p class="due" id="m-due" hidden></p>
                  <p class="pay"><button type="button" id="m-pay" hidden></button></p>
                  <div id="m-body"></div>
                  <div id="m-ctas"></div>
                </article>
              </div>
            </div>
            <p class="note" id="rejected" hidden></p>
          </section>
          <section class="mail" id="mailbox" tabindex="-1" aria-labelledby="mail-title">
            <h2 id="mail-title" data-t="mailbox">Posta</h2>
            <label class="filter"><span data-t="to">Destinatario</span>
              <input id="f-to" type="search" autocomplete="off" spellcheck="false"></label>
            <div class="panes">
              <ol id="mails" class="mails"></ol>
              <article id="mail" class="reader" tabindex="-1" aria-live="off">
                <p class="empty" id="mail-empty" data-t="pick">Scegli una e-mail per leggerla.</p>
                <div id="mail-open" hidden>
                  <h3 id="e-subject"></h3>
                  <dl class="envelope">
                    <dt data-t="from">Da</dt><dd id="e-from"></dd>
                    <dt data-t="to">A</dt><dd id="e-to"></dd>
                    <dt data-t="date">Data</dt><dd id="e-at"></dd>
                  </dl>
                  <div class="tabs" role="group" aria-label="Parte" data-a="part">
                    <button type="button" id="t-html" data-part="html">HTML</button>
                    <button type="button" id="t-text" data-part="text" data-t="text">Testo</button>
                    <a id="e-raw" target="_blank" rel="noopener" data-t="raw">Sorgente</a>
                  </div>
                  <iframe id="e-html" sandbox="" title="E-mail" hidden></iframe>
                  <pre id="e-text" tabindex="0" hidden></pre>
                  <p class="empty" id="e-gone" hidden data-t="gone">Il contenuto di questa e-mail non c'è più.</p>
                </div>
              </article>
            </div>
          </section>
          <section class="chat" aria-labelledby="chat-title">
            <h2 id="chat-title" data-t="chats">Chat</h2>
            <label class="filter"><span data-t="who">Chi</span>
              <input id="f-chat" type="search" autocomplete="off" spellcheck="false"></label>
            <ol id="chats" class="chats"></ol>
          </section>
          <section class="chat" aria-labelledby="office-title">
            <h2 id="office-title" data-t="offices">Uffici</h2>
            <ol id="offices" class="chats"></ol>
          </section>
        </main>
        <p id="news" class="hidden" role="status" aria-live="polite"></p>
        """#
}
