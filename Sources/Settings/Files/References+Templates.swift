import Rules

extension References {
    private func place(_ name: String) -> SourcePlace {
        SourcePlace(file: "\(base)/templates/\(name)", line: 1, column: 1)
    }

    /// The templates that rules answer with. One that the city's own language lacks is an unknown name, reported where
    /// it stands.
    private func replies(in city: MainFile.City) -> Set<String> {
        Set(ruleSets.joined().compactMap { $0.actions.reply?.value }).intersection(templateNames(city.language))
    }

    func notifications(_ reader: Reader) {
        guard let city = main.city else { return }
        let used = replies(in: city).union(TemplateNames.steps)
        var toOffices = ruleSets.joined().contains { !$0.actions.notify.isEmpty } ? ["office_new"] : []
        let isAnswered = channels.contains {
            $0.channel.email != nil || $0.channel.open311 != nil || $0.channel.medium != nil
        }
        if isAnswered { toOffices.append("office_reply") }
        if offices.contains(where: { $0.office.email != nil }) {
            if main.escalation.remind != nil { toOffices.append("office_reminder") }
            if !main.escalation.levels.isEmpty { toOffices.append("office_overdue") }
        }
        if offices.contains(where: { $0.office.email != nil && $0.fields["work"] != nil }) {
            toOffices.append("office_work")
            if !toOffices.contains("office_reply") { toOffices.append("office_reply") }
        }
        for language in city.languages {
            let wanted = used.sorted() + (language == city.language ? toOffices : [])
            for name in wanted {
                for suffix in ["subject", "txt"]
                where templates[language]?["\(name).\(suffix)"] == nil
                    && !unread.contains("templates/\(language)/\(name).\(suffix)")
                {
                    reader.error("the template is missing", at: place("\(language)/\(name).\(suffix)"))
                }
                if main.appIO != nil, !toOffices.contains(name), templates[language]?["\(name).io"] == nil {
                    reader.warn(
                        "the template is missing: App IO gets the plain text", at: place("\(language)/\(name).io"))
                }
            }
        }
        if channels.contains(where: { $0.channel.medium != nil }) {
            for name in TemplateNames.chats + TemplateNames.buttons
            where templates[city.language]?["\(name).chat"] == nil {
                reader.error(
                    "the template is missing: a messenger's channel needs it",
                    at: place("\(city.language)/\(name).chat"))
            }
        }
        if main.mail == nil {
            reader.warn(
                "there is no mail server: no e-mail is sent",
                at: SourcePlace(file: "\(base)/pasquino.yaml", line: 1, column: 1))
        }
    }

    /// Languages that the city does not speak, templates that nothing uses, and those of the city's own language for
    /// citizens that another has not.
    func strayTemplates(_ reader: Reader) {
        guard let city = main.city else { return }
        for language in templates.keys.sorted() where !city.languages.contains(language) {
            reader.warn("the city does not speak \(language): add it to languages", at: place(language))
        }
        let known = Set(TemplateNames.all)
        let used = replies(in: city).union(known)
        var told: Set<String> = []
        for language in templates.keys.sorted() {
            for file in (templates[language] ?? [:]).keys.sorted() {
                guard let (name, _) = TemplateNames.parts(ofFile: file), !name.hasPrefix("_"), !used.contains(name),
                    told.insert("\(language)/\(name)").inserted
                else { continue }
                let suggestion = nearest(name, among: known)
                reader.warn(
                    "nothing uses the template \(name)"
                        + (suggestion.map { "; did you mean \($0)?" } ?? ": a rule's reply may name it"),
                    at: place("\(language)/\(file)"))
            }
        }
        for file in (templates[city.language] ?? [:]).keys.sorted() {
            guard let (name, kind) = TemplateNames.parts(ofFile: file), used.contains(name),
                !TemplateNames.isToOffice(name), kind == "chat" || kind == "txt"
            else { continue }
            let isSaidInChatsOnly = TemplateNames.isSaidInChatsOnly(name)
            for language in city.languages where templates[language]?[file] == nil {
                let has = templates[language]?.keys.contains { TemplateNames.parts(ofFile: $0)?.name == name } ?? false
                let place = place("\(language)/\(file)")
                if kind == "chat", has {
                    reader.warn("the template is missing: in \(language) messengers get the mail's text", at: place)
                } else if !has, isSaidInChatsOnly || kind == "txt" && TemplateNames.otherSteps.contains(name) {
                    // The other steps' and those of rules are errors already.
                    reader.warn(
                        "the template is missing: in \(language) this is said as in \(city.language)", at: place)
                }
            }
        }
    }
}
