// Fills in what a link says of the reader behind the mark that no server gets to
// see, #name=…&email=…&postcode=…, and takes it out of the address. The name and
// the email address go along with the postcode to the page that asks for them.
(() => {
  const most = { postcode: 10, name: 100, email: 254 };
  const forms = [...document.querySelectorAll("form:has([name=postcode])")];

  function put(form, name, value) {
    let field = form.elements[name];
    if (!field) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      form.append(field);
    }
    if (!field.value) field.value = value;
  }

  function fill() {
    const given = new URLSearchParams(location.hash.replace(/^#(postbag:)?/, ""));
    const names = Object.keys(most).filter(name => given.has(name));
    if (!names.length) return;
    for (const name of names) {
      let value = given.get(name).trim();
      if (name === "email") value = value.replaceAll(" ", "+"); // written as it is, a plus means a space
      if (value && value.length <= most[name]) forms.forEach(form => put(form, name, value));
    }
    history.replaceState(history.state, "", location.pathname + location.search);
  }

  fill();
  addEventListener("hashchange", fill);
})();
