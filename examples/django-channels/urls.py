"""The page, and its script."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView


def page(request: HttpRequest) -> HttpResponse:
    return render(request, "board.html", {"name": request.session.get("name")})


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    request.session["name"] = request.POST.get("name", "").strip()[:40]
    return redirect("/")


urlpatterns = [
    path("", page),
    path("sign-in", sign_in),
    path(
        "board.js", TemplateView.as_view(template_name="board.js", content_type="text/javascript")
    ),
]
