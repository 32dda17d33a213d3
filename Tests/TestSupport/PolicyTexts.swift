/// Texts about payments and errata, for cities that have none.
package enum PolicyTexts {
    package static let files = [
        "payment.subject": "Hai un nuovo avviso di pagamento",
        "payment.txt": """
        Richiesta {{{code}}}. {{#note}}{{{note}}}{{/note}}
        Importo: {{{amount}}}
        Numero avviso: {{{notice_number}}}
        {{#payment_due}}
        Da pagare entro il {{{payment_due}}}
        {{/payment_due}}
        {{{status_url}}}
        """,
        "corrected.subject":
            "Errata corrige: {{#corrects}}{{{corrects}}}{{/corrects}}{{^corrects}}{{{code}}}{{/corrects}}",
        "corrected.txt": """
        Un nostro messaggio sulla richiesta {{{code}}} conteneva un errore. Vale quello che scriviamo qui.

        {{{note}}}

        {{{status_url}}}
        """,
    ]
}
