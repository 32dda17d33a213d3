extension ConfigurationAssembly {
    /// A file that nobody reads is a mistake somebody will look for.
    func lookForStrays() {
        let known = Set(Shapes.files.map(\.file)).subtracting(["rules.yaml", "precedents.yaml"])
        for name in names(in: "", suffix: "") where !known.contains(name) {
            if name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name.hasSuffix(".geojson") {
                let suggestion = nearest(name, among: known)
                reader.warn(
                    "this file is not read"
                        + (suggestion.map { "; did you mean \($0)?" } ?? ": rules go into rules/, districts into areas/"),
                    at: place(name))
            }
        }
        for directory in ["rules", shadowDirectory].compactMap(\.self) {
            for name in names(in: directory, suffix: "") where !name.hasSuffix(".yaml") {
                reader.warn("this file is not read: rules end in .yaml", at: place("\(directory)/\(name)"))
            }
        }
        for name in names(in: "precedents", suffix: "") where !name.hasSuffix(".yaml") {
            reader.warn("this file is not read: precedents end in .yaml", at: place("precedents/\(name)"))
        }
        for name in names(in: "areas", suffix: "") where !name.hasSuffix(".geojson") {
            reader.warn("this file is not read: districts end in .geojson", at: place("areas/\(name)"))
        }
        for language in names(in: "templates", suffix: "") {
            for name in names(in: "templates/\(language)", suffix: "")
            where ![".subject", ".txt", ".html", ".io", ".chat"].contains(where: name.hasSuffix) {
                reader.warn(
                    "this file is not read: templates end in .subject, .txt, .html, .io or .chat",
                    at: place("templates/\(language)/\(name)"))
            }
        }
    }
}
