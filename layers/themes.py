"""The themes of the layer list; a theme's module has the theme's id for its name."""

from __future__ import annotations

from layers.layer import Text, Theme

RESCUE = Theme("rescue", Text("Cứu hộ, cứu nạn", "Rescue"))
CONTROL = Theme("control", Text("Kiểm soát đi lại", "Movement control"))
QUARANTINE = Theme("quarantine", Text("Cách ly", "Quarantine"))
VACCINATION = Theme("vaccination", Text("Tiêm chủng", "Vaccination"))
HEALTH = Theme("health", Text("Y tế", "Health"))
DOCUMENTS = Theme("documents", Text("Văn bản chỉ đạo", "Directives"))
INFRASTRUCTURE = Theme("infrastructure", Text("Hạ tầng mạng", "Network infrastructure"))
ANALYSIS = Theme("analysis", Text("Phân tích", "Analysis"))
ADMIN = Theme("admin", Text("Địa giới hành chính", "Administrative units"))

THEMES: tuple[Theme, ...] = (
    RESCUE,
    CONTROL,
    QUARANTINE,
    VACCINATION,
    HEALTH,
    DOCUMENTS,
    INFRASTRUCTURE,
    ANALYSIS,
    ADMIN,
)
"""All themes, in the order people see them."""
