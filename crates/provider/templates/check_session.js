(function () {
  "use strict";
  var cookie = document.body.getAttribute("data-cookie") + "=";
  var longest = 4096;

  function browserState() {
    var pairs = document.cookie.split(";");
    for (var i = 0; i < pairs.length; i += 1) {
      var pair = pairs[i].replace(/^\s+/, "");
      if (pair.indexOf(cookie) === 0) {
        return pair.slice(cookie.length);
      }
    }
    return "";
  }

  function base64url(bytes) {
    var text = btoa(String.fromCharCode.apply(null, bytes));
    return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function answer(message, origin) {
    if (typeof message !== "string" || message.length > longest) {
      return "error";
    }
    var space = message.lastIndexOf(" ");
    var parts = message.slice(space + 1).split(".");
    if (space < 1 || parts.length !== 2 || !parts[0] || !parts[1]) {
      return "error";
    }
    var now = browserState();
    if (!now) {
      return "changed";
    }
    var text = message.slice(0, space) + " " + origin + " " + now + " " + parts[1];
    return base64url(sha256.array(text)) === parts[0] ? "unchanged" : "changed";
  }

  window.addEventListener("message", function (event) {
    // A page without an origin of its own can't be answered, and no client has one.
    if (event.source && event.origin && event.origin !== "null") {
      event.source.postMessage(answer(event.data, event.origin), event.origin);
    }
  }, false);
}());
