document.getElementById("text").value = "from Firefox";
document.getElementById("send").click();
